/** Arguments of clients: which there are, who may give them, what they may be and what is refused. */
package io.tallymq.broker.settings;
