package io.tallymq.broker.processing;

import io.tallymq.broker.access.AccessState;
import io.tallymq.broker.command.ByUser;
import io.tallymq.broker.command.CallOff;
import io.tallymq.broker.command.ClearPolicy;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.ForceClose;
import io.tallymq.broker.command.NoteAction;
import io.tallymq.broker.command.ScheduleMessage;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.life.Connections;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.spec.PolicySpec;
import java.util.function.Function;
import java.util.function.IntSupplier;

/**
 * Carries out what users asked for and notes it in the list of changes. Policies are noted each time; what programs do all day (scheduling,
 * calling off, closing their own connections) is noted once for each thing, the last time, so that it does not drive out the rest.
 */
public final class NotedCommands {
    private final AccessState access;
    private final Connections connections;
    private final NotedTopology topology;
    private final Function<ByUser, Reply.Rejected> refusal;
    private final IntSupplier level;

    /** @param refusal what a user may not ask for, whatever the node that he asks has seen; null where he may */
    public NotedCommands(
            AccessState access,
            Connections connections,
            NotedTopology topology,
            Function<ByUser, Reply.Rejected> refusal,
            IntSupplier level) {
        this.topology = topology;
        this.refusal = refusal;
        this.access = access;
        this.connections = connections;
        this.level = level;
    }

    /** @param carryOut the machine's own way with the command */
    public Reply carryOut(ByUser asked, long now, Function<Command, Reply> carryOut) {
        if (level.getAsInt() < ByUser.LEVEL) {
            return Reply.belowLevel("who asks for it is known", ByUser.LEVEL, level.getAsInt());
        }
        Reply.Rejected refused = refusal.apply(asked);
        if (refused != null) {
            return refused;
        }
        Object before = topology.mark(asked.command());
        Reply reply = carryOut.apply(asked.command());
        boolean changes = before == null || !before.equals(topology.mark(asked.command()));
        if (changes && !(reply instanceof Reply.Rejected)) {
            note(asked, reply, now);
        }
        return reply;
    }

    private void note(ByUser a, Reply reply, long now) {
        switch (a.command().kind()) {
            case SET_POLICY -> {
                SetPolicy p = (SetPolicy) a.command();
                String what = p.vhost() + " " + p.name() + " " + of(p.spec());
                access.note(now, a.by(), a.from(), kind(p.operator()) + ".set", what);
            }
            case CLEAR_POLICY -> {
                ClearPolicy p = (ClearPolicy) a.command();
                access.note(now, a.by(), a.from(), kind(p.operator()) + ".clear", p.vhost() + " " + p.name());
            }
            case SCHEDULE_MESSAGE -> scheduled(a, (ScheduleMessage) a.command(), now);
            case CALL_OFF -> calledOff(a, (CallOff) a.command(), now);
            case FORCE_CLOSE -> closed(a, (ForceClose) a.command(), now);
            case NOTE_ACTION -> done(a, (NoteAction) a.command(), now);
            default -> topology.note(a, reply, now);
        }
    }

    private void scheduled(ByUser a, ScheduleMessage s, long now) {
        String rest = ": '" + s.id() + "' to exchange '" + s.route().exchange() + "', due " + s.due();
        access.noteAgain(
                now, a.by(), a.from(), "schedule.set", messages(s.route().vhost()), rest);
    }

    private void calledOff(ByUser a, CallOff c, long now) {
        String id = c.id().isEmpty() ? c.due() + "." + c.number() : c.id();
        access.noteAgain(now, a.by(), a.from(), "schedule.cancel", messages(c.vhost()), ": '" + id + "'");
    }

    /** Ids are of one message each as a rule: they are no subjects. */
    private static String messages(String vhost) {
        return "messages in vhost '" + vhost + "'";
    }

    /** The connection is there until its node says otherwise. */
    private void closed(ByUser a, ForceClose f, long now) {
        ConnectionInfo c = connections.infoOf(f.connection());
        String rest = " " + c.name() + ": " + f.reason();
        access.noteAgain(
                now,
                a.by(),
                a.from(),
                "connection.close",
                "of user '" + c.user() + "' in vhost '" + c.vhost() + "'",
                rest);
    }

    /** Nothing about users is another way by it, so nobody need look again. */
    private void done(ByUser a, NoteAction n, long now) {
        if (n.isRoutine()) {
            access.noteAgain(now, a.by(), a.from(), n.what(), n.subject(), n.rest());
        } else {
            access.noteOnly(now, a.by(), a.from(), n.what(), n.subject() + n.rest());
        }
    }

    private static String kind(boolean operator) {
        return operator ? "operator-policy" : "policy";
    }

    private static String of(PolicySpec spec) {
        return spec.pattern() + " " + spec.applyTo() + " " + spec.priority() + " "
                + spec.definition().values();
    }
}
