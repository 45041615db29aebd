package io.tallymq.broker.logs;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.view.BrokerView;
import java.util.List;
import java.util.Map;

/** Some kinds of steps of a {@link FeatureRun}. Who adds a feature adds its kinds to {@link FeatureOp.Kind}, and one of these. */
interface Steps {
    /** Carries out a step that a client's connection makes. */
    interface Step {
        void make(ConnectionId c, Dice dice);
    }

    /** By kind. */
    Map<FeatureOp.Kind, Step> kinds();

    /** What steps may do and ask. */
    interface Log {
        /** Makes an entry, or a part of one. */
        Reply entry(ConnectionId c, Command command);

        /** The same for a channel: a refusal ends it, as front ends do with most commands. */
        Reply onChannel(Clients.Channel c, Command command);

        BrokerMachine machine();

        Clients clients();

        /** A channel fetched something, or nothing. */
        default void got(Clients.Channel channel, boolean noAck, Reply r) {
            if (r instanceof Reply.Got g) {
                ConsumerSpec spec = new ConsumerSpec("", noAck, false, 0, 0, Arguments.NONE);
                clients().delivered(clients().taker(g.holder(), channel, spec, true), g.delivery());
            }
        }

        /** The name of a queue, mostly of one that is there. */
        default String queue(Dice dice) {
            List<BrokerView.QueueInfo> there = machine().queues();
            return there.isEmpty() || dice.oneIn(15)
                    ? QueueShapes.name(dice)
                    : dice.of(there).name();
        }

        /** The name of an exchange, mostly of one that is there. */
        default String exchange(Dice dice) {
            for (int i = 0; i < 8; i++) {
                String name = ExchangeSteps.name(dice);
                if (machine().exchanges().stream().anyMatch(x -> x.name().equals(name))) {
                    return name;
                }
            }
            return ExchangeSteps.name(dice);
        }
    }
}
