/** What a process is given, and how a command fails. */
package io.tallymq.tally.context;
