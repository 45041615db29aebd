/** What publishers want to be told of their messages: which have left a queue and are still to be told of, and how a report is written. */
package io.tallymq.broker.reports;
