/** What goes in: a command is a record with its codec beside it and a row in {@link io.tallymq.broker.command.CommandKind}. */
package io.tallymq.broker.command;
