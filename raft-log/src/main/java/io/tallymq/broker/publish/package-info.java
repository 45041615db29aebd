/** Runs of publishes are carried out: where each message goes, what refuses it, and whether it came before. */
package io.tallymq.broker.publish;
