package io.tallymq.broker.logs;

import io.tallymq.broker.command.Command;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.spec.ConnectionId;

/** Makes entries of commands. */
interface Entries {
    Reply entry(ConnectionId c, Command command);
}
