/** Classes of settings at their standard logical names (IEC 62056-6-1, value groups C and D of abstract objects): rows of a table. */
import { communicationPortProtection } from '../cosem/communication-port-protection.ts';
import type { CosemObject } from '../cosem/cosem-object.ts';
import { dataProtection } from '../cosem/data-protection.ts';
import { functionControl } from '../cosem/function-control.ts';
import type { InterfaceClass } from '../cosem/interface-class.ts';
import type { WithSettings } from '../cosem/settings.ts';
import { autoAnswer } from '../cosem/setup/auto-answer.ts';
import { autoConnect } from '../cosem/setup/auto-connect.ts';
import { coapDiagnostic } from '../cosem/setup/coap-diagnostic.ts';
import { coapSetup } from '../cosem/setup/coap-setup.ts';
import { dlmsServerMBusPortSetup } from '../cosem/setup/dlms-server-m-bus-port-setup.ts';
import { g3Plc6LowpanAdaptationLayerSetup } from '../cosem/setup/g3-plc-6lowpan-adaptation-layer-setup.ts';
import { g3PlcMacLayerCounters } from '../cosem/setup/g3-plc-mac-layer-counters.ts';
import { g3PlcMacSetup } from '../cosem/setup/g3-plc-mac-setup.ts';
import { gprsModemSetup } from '../cosem/setup/gprs-modem-setup.ts';
import { gsmDiagnostic } from '../cosem/setup/gsm-diagnostic.ts';
import { iec61334432LlcSetup } from '../cosem/setup/iec-61334-4-32-llc-setup.ts';
import { iecHdlcSetup } from '../cosem/setup/iec-hdlc-setup.ts';
import { iecLocalPortSetup } from '../cosem/setup/iec-local-port-setup.ts';
import { iecTwistedPairSetup } from '../cosem/setup/iec-twisted-pair-setup.ts';
import { ipv4Setup } from '../cosem/setup/ipv4-setup.ts';
import { ipv6Setup } from '../cosem/setup/ipv6-setup.ts';
import { isoIec88022LlcType1Setup } from '../cosem/setup/iso-iec-8802-2-llc-type-1-setup.ts';
import { isoIec88022LlcType2Setup } from '../cosem/setup/iso-iec-8802-2-llc-type-2-setup.ts';
import { isoIec88022LlcType3Setup } from '../cosem/setup/iso-iec-8802-2-llc-type-3-setup.ts';
import { lteMonitoring } from '../cosem/setup/lte-monitoring.ts';
import { mBusClient } from '../cosem/setup/m-bus-client.ts';
import { mBusDiagnostic } from '../cosem/setup/m-bus-diagnostic.ts';
import { mBusMasterPortSetup } from '../cosem/setup/m-bus-master-port-setup.ts';
import { mBusSlavePortSetup } from '../cosem/setup/m-bus-slave-port-setup.ts';
import { macAddressSetup } from '../cosem/setup/mac-address-setup.ts';
import { modemConfiguration } from '../cosem/setup/modem-configuration.ts';
import { ntpSetup } from '../cosem/setup/ntp-setup.ts';
import { pppSetup } from '../cosem/setup/ppp-setup.ts';
import { primeApplicationsIdentification } from '../cosem/setup/prime-applications-identification.ts';
import { primeLlcSscsSetup } from '../cosem/setup/prime-llc-sscs-setup.ts';
import { primeMacCounters } from '../cosem/setup/prime-mac-counters.ts';
import { primeMacFunctionalParameters } from '../cosem/setup/prime-mac-functional-parameters.ts';
import { primeMacNetworkAdministrationData } from '../cosem/setup/prime-mac-network-administration-data.ts';
import { primeMacSetup } from '../cosem/setup/prime-mac-setup.ts';
import { primePhysicalLayerCounters } from '../cosem/setup/prime-physical-layer-counters.ts';
import { sFskActiveInitiator } from '../cosem/setup/s-fsk-active-initiator.ts';
import { sFskMacCounters } from '../cosem/setup/s-fsk-mac-counters.ts';
import { sFskMacSynchronizationTimeouts } from '../cosem/setup/s-fsk-mac-synchronization-timeouts.ts';
import { sFskPhyMacSetUp } from '../cosem/setup/s-fsk-phy-mac-set-up.ts';
import { sFskReportingSystemList } from '../cosem/setup/s-fsk-reporting-system-list.ts';
import { schcLpwanDiagnostic } from '../cosem/setup/schc-lpwan-diagnostic.ts';
import { smtpSetup } from '../cosem/setup/smtp-setup.ts';
import { tcpUdpSetup } from '../cosem/setup/tcp-udp-setup.ts';
import { wiSunSetup } from '../cosem/setup/wi-sun-setup.ts';
import { wirelessModeQChannel } from '../cosem/setup/wireless-mode-q-channel.ts';
import { zigbeeNetworkControl } from '../cosem/setup/zigbee-network-control.ts';
import { zigbeeSasApsFragmentation } from '../cosem/setup/zigbee-sas-aps-fragmentation.ts';
import { zigbeeSasJoin } from '../cosem/setup/zigbee-sas-join.ts';
import { zigbeeSasStartup } from '../cosem/setup/zigbee-sas-startup.ts';
import { zigbeeTunnelSetup } from '../cosem/setup/zigbee-tunnel-setup.ts';
import { utilityTables } from '../cosem/utility-tables.ts';
import { settingsObject } from './behaviour-objects.ts';

const rows: readonly (readonly [InterfaceClass<WithSettings>, string])[] = [
  [iecLocalPortSetup, '0.0.20.0.0.255'],
  [iecHdlcSetup, '0.0.22.0.0.255'],
  [iecTwistedPairSetup, '0.0.23.0.0.255'],
  [mBusSlavePortSetup, '0.0.24.0.0.255'],
  [utilityTables, '0.0.65.0.0.255'],
  [modemConfiguration, '0.0.2.0.0.255'],
  [autoAnswer, '0.0.2.2.0.255'],
  [autoConnect, '0.0.2.1.0.255'],
  [dataProtection, '0.0.43.2.0.255'],
  [tcpUdpSetup, '0.0.25.0.0.255'],
  [ipv4Setup, '0.0.25.1.0.255'],
  [macAddressSetup, '0.0.25.2.0.255'],
  [pppSetup, '0.0.25.3.0.255'],
  [gprsModemSetup, '0.0.25.4.0.255'],
  [smtpSetup, '0.0.25.5.0.255'],
  [gsmDiagnostic, '0.0.25.6.0.255'],
  [ipv6Setup, '0.0.25.7.0.255'],
  [sFskPhyMacSetUp, '0.0.26.0.0.255'],
  [sFskActiveInitiator, '0.0.26.1.0.255'],
  [sFskMacSynchronizationTimeouts, '0.0.26.2.0.255'],
  [sFskMacCounters, '0.0.26.3.0.255'],
  [iec61334432LlcSetup, '0.0.26.5.0.255'],
  [sFskReportingSystemList, '0.0.26.6.0.255'],
  [isoIec88022LlcType1Setup, '0.0.27.0.0.255'],
  [isoIec88022LlcType2Setup, '0.0.27.1.0.255'],
  [isoIec88022LlcType3Setup, '0.0.27.2.0.255'],
  [mBusClient, '0.1.24.1.0.255'],
  [wirelessModeQChannel, '0.0.31.0.0.255'],
  [mBusMasterPortSetup, '0.0.24.6.0.255'],
  [dlmsServerMBusPortSetup, '0.0.24.8.0.255'],
  [mBusDiagnostic, '0.0.24.9.0.255'],
  [primeLlcSscsSetup, '0.0.28.0.0.255'],
  [primePhysicalLayerCounters, '0.0.28.1.0.255'],
  [primeMacSetup, '0.0.28.2.0.255'],
  [primeMacFunctionalParameters, '0.0.28.3.0.255'],
  [primeMacCounters, '0.0.28.4.0.255'],
  [primeMacNetworkAdministrationData, '0.0.28.5.0.255'],
  [primeApplicationsIdentification, '0.0.28.7.0.255'],
  [g3PlcMacLayerCounters, '0.0.29.0.0.255'],
  [g3PlcMacSetup, '0.0.29.1.0.255'],
  [g3Plc6LowpanAdaptationLayerSetup, '0.0.29.2.0.255'],
  [wiSunSetup, '0.0.34.0.0.255'],
  [ntpSetup, '0.0.25.10.0.255'],
  [zigbeeSasStartup, '0.0.30.0.0.255'],
  [zigbeeSasJoin, '0.0.30.1.0.255'],
  [zigbeeSasApsFragmentation, '0.0.30.2.0.255'],
  [zigbeeNetworkControl, '0.0.30.3.0.255'],
  [zigbeeTunnelSetup, '0.0.30.4.0.255'],
  [functionControl, '0.0.44.1.0.255'],
  [communicationPortProtection, '0.0.44.2.0.255'],
  [schcLpwanDiagnostic, '0.0.32.1.0.255'],
  [lteMonitoring, '0.0.25.11.0.255'],
  [coapSetup, '0.0.25.16.0.255'],
  [coapDiagnostic, '0.0.25.17.0.255'],
];

/** An object of every class of settings. */
export function setupObjects(): CosemObject[] {
  return rows.map(([declared, obis]) => settingsObject(declared, obis));
}
