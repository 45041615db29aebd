/** How far readers of streams say they are. Knows no queue but its number. */
package io.tallymq.broker.stream;
