package io.tallymq.admin.messages;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.list.Listing;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.Columns;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.RequestFields;
import io.tallymq.admin.request.RequestPermits;
import io.tallymq.admin.request.Rows;
import io.tallymq.admin.request.StateWrites;
import io.tallymq.admin.stats.StateRows;
import io.tallymq.broker.ScheduleFields;
import io.tallymq.broker.access.Rights.Act;
import io.tallymq.broker.command.ByUser;
import io.tallymq.broker.command.CallOff;
import io.tallymq.broker.command.ScheduleMessage;
import io.tallymq.broker.view.BrokerView.ScheduledView;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;

/**
 * /api/schedules: messages whose time is still to come, in the order of their times, as this node has applied them. Each has a key: the id
 * that its publisher gave (x-schedule-id), else its time and number. PUT makes one of that id, or puts another
 * in its place; DELETE calls one off.
 */
public final class SchedulesApi {
    private final AdminContext context;
    private final StateWrites writes;
    private final LongSupplier clock;

    /** @param clock milliseconds since the epoch, for times that a request gives as a delay */
    public SchedulesApi(AdminContext context, StateWrites writes, LongSupplier clock) {
        this.clock = clock;
        this.context = context;
        this.writes = writes;
    }

    public List<HttpRoute> routes() {
        return List.of(
                HttpRoute.of("/api/schedules", Lane.STATE, this::schedules).openTo(Access.MANAGEMENT),
                HttpRoute.of("/api/schedules/{vhost}", Lane.STATE, this::schedules)
                        .openTo(Access.MANAGEMENT),
                HttpRoute.of("/api/schedules/{vhost}/{key}", Lane.STATE, this::schedule)
                        .openTo(Access.MANAGEMENT)
                        .with("PUT", Access.MANAGEMENT, this::put)
                        .with("DELETE", Access.MANAGEMENT, this::callOff));
    }

    private Iterator<ScheduledView> of(ApiRequest request) {
        return Rows.filtered(StateRows.scheduled(context.broker()), s -> request.isIn(s.vhost()));
    }

    private Answer schedules(ApiRequest request) {
        Listing listing = Listing.of(request.target());
        context.requireVhost(request);
        return listing.render(Listing.Source.of(of(request), ScheduleFields::key, SchedulesApi::row), context.held());
    }

    private Answer schedule(ApiRequest request) {
        return Answer.ok(Columns.of(request.target()).of(row(look(request).orElseThrow(RefusedException::notFound))));
    }

    private Optional<ScheduledView> look(ApiRequest request) {
        return context.broker().read(view -> view.scheduled(request.variable("vhost"), request.variable("key")));
    }

    /** As a publish with x-schedule-id, and by the same rights. */
    private CompletionStage<Answer> put(ApiRequest request) {
        requireSecondLook(request);
        context.requireVhost(request);
        RequestPermits permits = RequestPermits.of(context, request);
        ScheduleMessage asked = new ScheduleBody(
                        RequestFields.of(request), context.config().limits().messageBytes())
                .command(request.variable("vhost"), request.variable("key"), permits, clock);
        context.requireLevel(ScheduleMessage.LEVEL, "messages are scheduled by HTTP");
        look(request).ifPresent(waiting -> requireOwn(permits, waiting));
        requireNotBlocked();
        return writes.submitByRights(request, asked);
    }

    /** Stays open while publishers are blocked: it makes room. */
    private CompletionStage<Answer> callOff(ApiRequest request) {
        requireSecondLook(request);
        context.requireVhost(request);
        ScheduledView s = look(request).orElseThrow(RefusedException::notFound);
        requireOwn(RequestPermits.of(context, request), s);
        return writes.submitByRights(request, new CallOff(s.vhost(), s.id(), s.due(), s.number()));
    }

    /**
     * Where the broker does not look again, somebody's message might come between the look here and the change: so those who may do anything
     * are asked for there.
     */
    private void requireSecondLook(ApiRequest request) {
        if (context.broker().level() < ByUser.LEVEL && !request.isOfAdministrator()) {
            throw RefusedException.notAuthorised("the user needs the tag " + ApiRequest.ADMINISTRATOR
                    + " for this in clusters of a level below " + ByUser.LEVEL
                    + ": try again when all nodes are up and run this version");
        }
    }

    /** What waits for its time takes room as what is published now does. */
    private void requireNotBlocked() {
        String why = context.broker().blockedReason();
        if (why != null) {
            throw BriefConnection.blockedBy(why);
        }
    }

    /** Who has a say in one that waits might have published it. The broker looks again, at the one that is there then. */
    private static void requireOwn(RequestPermits permits, ScheduledView waiting) {
        permits.exchange(Act.WRITE, waiting.exchange());
        permits.topic(Act.WRITE, waiting.exchange(), waiting.routingKey());
    }

    private static ObjectNode row(ScheduledView s) {
        ObjectNode row = Json.of(ScheduleFields.of(s));
        return row.put("deliver_at_time", Instant.ofEpochMilli(s.due()).toString());
    }
}
