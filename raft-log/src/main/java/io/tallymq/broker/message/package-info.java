/** The bytes: messages, arguments and fields as they stand in the log and in the store, and how they are read for ever. Knows nothing else of the broker. */
package io.tallymq.broker.message;
