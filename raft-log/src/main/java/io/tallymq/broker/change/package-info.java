/** What administrators change: who there is, and who may do what. */
package io.tallymq.broker.change;
