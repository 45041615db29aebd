package io.tallymq.admin.definitions;

import io.tallymq.admin.request.ActionNotes;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.command.ByUser;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.NoteAction;
import io.tallymq.broker.command.NoteImport;
import io.tallymq.broker.view.BrokerView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * /api/definitions: what the cluster consists of but for its messages, in one file, and what is in such a file is made. Files of RabbitMQ are
 * taken, too. For administrators.
 */
public final class DefinitionsApi {
    private static final String PATH = "/api/definitions";
    /** Of RabbitMQ before 3.0, which its tools still ask for. */
    private static final String OLD_PATH = "/api/all-configuration";
    /** Exports under way: each has the names of all queues and exchanges in memory until its client has all of it. */
    static final int MOST_EXPORTS = 2;

    private final AdminContext context;
    private final Executor thread;
    private final LongSupplier nanos;
    private final AtomicBoolean importing = new AtomicBoolean();
    private final DefinitionsTag tags = new DefinitionsTag();
    private final AtomicInteger exports = new AtomicInteger();

    /**
     * Made once.
     *
     * @param thread one, for imports; never waits
     * @param nanos a clock, monotonic
     */
    public DefinitionsApi(AdminContext context, Executor thread, LongSupplier nanos) {
        this.context = context;
        this.thread = thread;
        this.nanos = nanos;
    }

    public List<HttpRoute> routes() {
        return List.of(route(PATH), route(PATH + "/{vhost}"), route(OLD_PATH));
    }

    private HttpRoute route(String path) {
        return HttpRoute.of(path, Lane.STATE, this::export)
                .openTo(Access.ADMINISTRATOR)
                .with("POST", Access.ADMINISTRATOR, this::take);
    }

    private Answer export(ApiRequest request) {
        context.requireVhost(request);
        String vhost = request.variable("vhost");
        String tag = tags.of(context.broker(), vhost); // first: what changes while it is read has another one
        Answer answer = (request.wanted().contentOf(tag) ? content(request, vhost) : Answer.unread()).with("ETag", tag);
        return request.target()
                .parameter("download")
                .map(name -> answer.with("Content-Disposition", "attachment; filename=\"" + plain(name) + "\""))
                .orElse(answer);
    }

    private Answer content(ApiRequest request, String vhost) {
        if (exports.incrementAndGet() > MOST_EXPORTS) {
            exports.decrementAndGet();
            throw RefusedException.of(
                    503, "overloaded", MOST_EXPORTS + " exports are under way at this node: try again, or at another");
        }
        String of = vhost == null ? "of the cluster" : "of vhost '" + vhost + "'";
        ActionNotes.noteMeanwhile(context.broker(), request, new NoteAction("definitions.export", of, "", true));
        DefinitionPieces pieces;
        try {
            pieces = new DefinitionsExport(context, vhost, exports::decrementAndGet).pieces();
        } catch (RuntimeException | Error e) {
            exports.decrementAndGet();
            throw e;
        }
        return Answer.streamed(pieces);
    }

    /** What a header may have in quotes. */
    private static String plain(String name) {
        return name.replaceAll("[^A-Za-z0-9._@-]", "_");
    }

    /** Before anything else the list of changes hears of it. */
    private List<List<DefinitionElement>> noted(ApiRequest request, List<List<DefinitionElement>> stages) {
        if (stages.isEmpty() || context.broker().<Integer>read(BrokerView::level) < ByUser.LEVEL) {
            return stages;
        }
        Map<String, Integer> counts = new TreeMap<>();
        stages.forEach(stage -> stage.forEach(e -> counts.merge(e.section(), 1, Integer::sum)));
        String vhost = request.variable("vhost");
        String what = counts.entrySet().stream()
                .map(e -> e.getKey() + " " + e.getValue())
                .collect(Collectors.joining(", "));
        Command note = new ByUser(request.by(), request.from(), new NoteImport(vhost == null ? "" : vhost, what));
        List<List<DefinitionElement>> all = new ArrayList<>();
        all.add(List.of(new DefinitionElement("", "the note of who imports", note)));
        all.addAll(stages);
        return all;
    }

    private CompletionStage<Answer> take(ApiRequest request) {
        final long begun = nanos.getAsLong();
        context.requireVhost(request);
        context.requireLevel(Administer.LEVEL, "definitions are imported");
        if (!importing.compareAndSet(false, true)) {
            throw RefusedException.of(503, "overloaded", "another import is under way at this node: try again");
        }
        try {
            var reader = new DefinitionReader(context, request);
            DefinitionsFile.read(MultipartForm.file(request.body()), reader);
            // The client hears of it, too, if it has to end before it is done.
            long most = context.config().timeouts().definitions().toNanos() / 10 * 9;
            return new DefinitionsImport(
                            context.broker(),
                            thread,
                            () -> nanos.getAsLong() - begun > most,
                            noted(request, reader.stages()))
                    .run()
                    .whenComplete((answer, error) -> importing.set(false));
        } catch (RuntimeException | Error e) {
            importing.set(false);
            throw e;
        }
    }
}
