/** network: the Link contract and its carriers. */
export { type NetworkErrorCode, networkErrors } from './errors.ts';
export * from './link.ts';
export { guardLink, type LinkBounds, type LinkGuard, refusedBecause } from './link-guard.ts';
export * from './memory.ts';
export { type NullModem, openNullModem } from './null-modem.ts';
export { listSerialPorts, openSerial, type SerialLink, type SerialOptions } from './serial.ts';
export { listenTcp, tcpDialer } from './tcp.ts';
export { listenUdp, udpDialer } from './udp.ts';
