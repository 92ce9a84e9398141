// Registers of the 16550 UART (PC16550D data sheet, section 8), by the names Linux gives them.
#pragma once

#define UART_RX 0  // received character
#define UART_TX 0  // character to send
#define UART_IER 1
#define UART_FCR 2
#define UART_LCR 3
#define UART_LSR 5
#define UART_SCR 7

#define UART_IER_RDI 0x01  // interrupt on received data
#define UART_LCR_WLEN8 0x03
#define UART_LSR_DR 0x01    // a character was received
#define UART_LSR_THRE 0x20  // room for one to send

#define UART_FCR_ENABLE_FIFO 0x01
#define UART_FCR_CLEAR_RCVR 0x02
#define UART_FCR_CLEAR_XMIT 0x04
