/** The last messages of exchanges that hand them to new bindings. Knows no exchange. */
package io.tallymq.broker.history;
