/** Messages whose time is still to come. */
package io.tallymq.broker.time;
