package io.tallymq.broker.publish;

import io.tallymq.broker.access.KeptRights;
import io.tallymq.broker.access.Rights;
import io.tallymq.broker.chunk.PublishRun;
import io.tallymq.broker.command.ByUser;
import io.tallymq.broker.command.CallOff;
import io.tallymq.broker.command.ScheduleMessage;
import io.tallymq.broker.dedup.SeenKeys;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.life.Uploads;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.LaterMessage;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.moving.MovedNames;
import io.tallymq.broker.moving.Placement;
import io.tallymq.broker.reports.Parting;
import io.tallymq.broker.routing.Routes;
import io.tallymq.broker.store.SharedBodies;
import io.tallymq.broker.time.Schedule;
import io.tallymq.broker.time.Scheduled;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/** Takes in messages whose time is still to come: headers x-delay and x-deliver-at. */
public final class Scheduling {
    private static final int BYTES_PER_WORK = 512;
    private static final String CALLED_OFF = "called_off";
    /** The level of the state from which on nobody has a say in what he could not publish. */
    private static final int RIGHTS = 5;
    /** The level of the state from which on a time is refused where messages are called off. */
    private static final int NO_TIME_LEVEL = 5;

    /** The level of the state from which on the key of what never comes was not seen. */
    private static final int FORGETS = 5;

    static final Reply.Rejected NO_TIME = Reply.precondition(
            Reply.Reason.INVALID_ARGUMENT,
            "a message to amq.schedule calls a scheduled one off and has no time: for another time publish the message to its exchange"
                    + " with the same x-schedule-id");

    private final Schedule schedule;
    private final Routes routes;
    private final SharedBodies sharedBodies;
    private final LongSupplier newNumber;
    private final StateLimits limits;
    private final SeenKeys seenKeys;
    private final MovedNames names;
    private final KeptRights rights;
    private final IntSupplier level;
    private long added;
    /** Units of publishes' work of what ids were told, and of looking who may do what. */
    private long told;

    public Scheduling(
            Schedule schedule,
            Routes routes,
            SharedBodies sharedBodies,
            LongSupplier newNumber,
            SeenKeys seenKeys,
            MovedNames names,
            KeptRights rights,
            IntSupplier level,
            StateLimits limits) {
        this.rights = rights;
        this.level = level;
        this.seenKeys = seenKeys;
        this.names = names;
        this.routes = routes;
        this.schedule = schedule;
        this.sharedBodies = sharedBodies;
        this.newNumber = newNumber;
        this.limits = limits;
    }

    /** Whether nothing is kept that is published there. */
    static boolean isOnlyToCallOff(Route route, int level) {
        return level >= NO_TIME_LEVEL && Routes.isSchedule(route);
    }

    /** Why one more beside so many others can't be taken; null when it can. */
    public Reply.Rejected refusal(int others) {
        return schedule.size() + others < limits.of(StateLimit.SCHEDULED)
                ? null
                : new Reply.Rejected(506, Reply.Reason.LIMIT, limits.text(StateLimit.SCHEDULED));
    }

    /**
     * Why message {@code i} of a run may not take the place of the one with this id, or call it off: its user could not have published that.
     * Null when it may, and when there is none.
     *
     * @param id empty for none
     */
    Reply.Rejected refusal(RunChannels channels, PublishRun run, int i, String id) {
        if (id.isEmpty() || level.getAsInt() < RIGHTS) {
            return null;
        }
        String vhost = run.table()[run.route(i)].vhost();
        Schedule.Due due = schedule.find(vhost, id);
        String user = due == null ? null : channels.user(run, i);
        return user == null ? null : refusal(user, vhost, id, due);
    }

    /** The same of who puts a message in the place of another by HTTP, or calls one off there. Null of what has nothing to do with messages to come. */
    public Reply.Rejected refusal(ByUser asked) {
        if (asked.command() instanceof ScheduleMessage s) {
            return refusal(
                    asked.by(),
                    s.route().vhost(),
                    s.id(),
                    schedule.find(s.route().vhost(), s.id()));
        }
        return asked.command() instanceof CallOff c ? refusal(asked.by(), c.vhost(), c.id(), due(c)) : null;
    }

    /** Null for none. */
    private Schedule.Due due(CallOff c) {
        var named = c.id().isEmpty() ? new Schedule.Due(c.due(), c.number()) : schedule.find(c.vhost(), c.id());
        return named != null && schedule.isOf(named, c.vhost()) ? named : null;
    }

    private Reply.Rejected refusal(String user, String vhost, String id, Schedule.Due due) {
        if (due == null) {
            return null;
        }
        told += level.getAsInt() < RIGHTS ? 0 : Schedule.READ;
        Route to = schedule.heading(due).route();
        Rights of = rights.of(user, vhost);
        if (!of.may(Rights.Act.WRITE, to.exchange())) {
            return refused("exchange '" + to.exchange() + "'", user, vhost, id);
        }
        return of.mayOnTopic(Rights.Act.WRITE, to.exchange(), to.routingKey())
                ? null
                : refused("topic '" + to.routingKey() + "' in exchange '" + to.exchange() + "'", user, vhost, id);
    }

    private static Reply.Rejected refused(String what, String user, String vhost, String id) {
        return Reply.accessRefused("write access to " + what + " in vhost '" + vhost + "' refused for user '" + user
                + "': the scheduled message " + (id.isEmpty() ? "" : "with x-schedule-id '" + id + "' ")
                + "goes there");
    }

    public Reply callOff(CallOff c) {
        Schedule.Due due = due(c);
        Scheduled was = due == null ? null : schedule.remove(due, c.vhost());
        if (was == null) {
            return Reply.notFound("no scheduled message '" + (c.id().isEmpty() ? c.due() + "." + c.number() : c.id())
                    + "' in vhost '" + c.vhost() + "'");
        }
        goes(was, due.number(), CALLED_OFF);
        return Reply.OK;
    }

    /** As {@link ScheduleMessage} says: 404 without its exchange, and what its exchange refuses. */
    public Reply schedule(ScheduleMessage s) {
        Reply.Rejected refusal = isOnlyToCallOff(s.route(), level.getAsInt())
                ? NO_TIME
                : routes.resolve(s.route()).refusal();
        boolean isNew = schedule.find(s.route().vhost(), s.id()) == null;
        refusal = refusal != null || !isNew ? refusal : refusal(0);
        if (refusal != null) {
            return refusal;
        }
        add(new Schedule.Due(s.due(), newNumber.getAsLong()), new Scheduled(s.route(), s.id(), s.record()));
        return new Reply.Scheduled(isNew);
    }

    /** Units of publishes' work of what was read, and told of what never comes, since the start: who reads takes the difference. */
    public long work() {
        return schedule.read() + told;
    }

    /** The number of the message that was added last. */
    public long added() {
        return added;
    }

    /** The one with this id, if there is one, is not to be published. */
    public boolean callOff(String vhost, String id) {
        Schedule.Due due = schedule.find(vhost, id);
        Scheduled was = schedule.cancel(vhost, id);
        if (was != null) {
            goes(was, due.number(), CALLED_OFF);
        }
        return was != null;
    }

    /** It never comes: its exchange may be sent it again. */
    private void goes(Scheduled was, long number, String why) {
        if (was.seen() != null) {
            seenKeys.forget(was.seen().exchange(), was.seen().key(), was.seen().place());
        }
        told += names.calledOff(was, number, why);
    }

    private void add(Schedule.Due due, Scheduled s) {
        Schedule.Due before = schedule.find(s.route().vhost(), s.id());
        Scheduled was = schedule.add(due, s);
        if (was != null) {
            goes(was, before.number(), Parting.REPLACED.reason());
        }
    }

    /**
     * Message {@code i} of a run is kept until it is due.
     *
     * @param id empty for none
     * @param seen what its exchange remembers of it; null for nothing
     * @param body that came before it, in parts, and is the caller's; null if it stands in the message
     * @return the units of work that this was
     */
    public long add(PublishRun run, int i, long due, String id, Scheduled.Seen seen, Uploads.Upload body) {
        byte[] elsewhere = null;
        if (body != null) {
            sharedBodies.add(body.shared(), body.parts());
            elsewhere = new ByteWriter(MessageRecord.EXTERNAL_LENGTH)
                    .int64(body.shared())
                    .int64(0)
                    .int64(body.bytes())
                    .toBytes();
        }
        int flags = body == null ? 0 : MessageRecord.EXTERNAL_BODY;
        Scheduled.Seen remembered = level.getAsInt() < FORGETS ? null : seen;
        byte[] record = LaterMessage.of(run.bytes(), run.at(i), flags, elsewhere, level.getAsInt());
        added = newNumber.getAsLong();
        add(new Schedule.Due(due, added), new Scheduled(run.table()[run.route(i)], id, record, remembered));
        return Placement.CHUNK_WORK + record.length / BYTES_PER_WORK;
    }
}
