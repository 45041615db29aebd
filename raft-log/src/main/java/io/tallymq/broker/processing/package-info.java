/** Commands are carried out: here the rooms come together. */
package io.tallymq.broker.processing;
