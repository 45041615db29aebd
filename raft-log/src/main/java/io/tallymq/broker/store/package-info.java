/** What is kept: chunks of messages, records and their keys, and the door to whoever keeps them. */
package io.tallymq.broker.store;
