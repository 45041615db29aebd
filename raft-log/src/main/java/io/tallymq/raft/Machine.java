package io.tallymq.raft;

import io.tallymq.broker.Admission;
import io.tallymq.broker.BrokerView;
import io.tallymq.broker.Command;
import io.tallymq.broker.Effects;
import io.tallymq.broker.Entry;
import io.tallymq.broker.Reply;

/** The state machine as the runtime drives it, on one thread. */
interface Machine {
    Admission begin(Entry entry, String node, long epoch, long seq, boolean nodeUp);

    Reply apply(Command command, Effects effects);

    void end();

    void advance(long index);

    void commit(long term, long index);

    long epochOf(String node);

    BrokerView view();
}
