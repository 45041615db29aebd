package io.tallymq.admin.definitions;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.broker.Broker;
import io.tallymq.broker.effect.Reply;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/**
 * Carries out what was read, stage by stage, so many at a time. The first that is refused ends it: what is done stays done, and is told. All on
 * one thread.
 */
final class DefinitionsImport {
    /** On their way into the log at a time. */
    static final int AT_ONCE = 512;

    private final Broker broker;
    private final Executor thread;
    private final BooleanSupplier isLate;
    private final List<List<DefinitionElement>> stages;
    private final Map<String, Integer> done = new TreeMap<>();
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();

    private int stage;
    private int next;
    private int underWay;
    /** What ended it; null while nothing did. */
    private ObjectNode failed;

    private int status;

    /**
     * Does nothing yet.
     *
     * @param thread one; must never wait
     * @param isLate whether nobody waits any more
     */
    DefinitionsImport(Broker broker, Executor thread, BooleanSupplier isLate, List<List<DefinitionElement>> stages) {
        this.broker = broker;
        this.thread = thread;
        this.isLate = isLate;
        this.stages = stages;
    }

    CompletableFuture<Answer> run() {
        thread.execute(this::goOn);
        return answer;
    }

    /** Whatever happens, it ends: no other import begins before. */
    private void goOn() {
        try {
            step();
        } catch (RuntimeException | Error e) {
            fail(500, "internal_error", "a bug"); // what is still under way begins nothing more
            answer.completeExceptionally(e);
        }
    }

    private void step() {
        while (failed == null && stage < stages.size()) {
            List<DefinitionElement> now = stages.get(stage);
            while (failed == null && next < now.size() && underWay < AT_ONCE) {
                submit(now.get(next++));
            }
            if (underWay > 0) {
                return;
            }
            stage++;
            next = 0;
        }
        if (underWay == 0) {
            answer.complete(failed == null ? Answer.empty(204) : failure());
        }
    }

    private Answer failure() {
        ObjectNode counts = failed.putObject("done");
        done.forEach(counts::put);
        return Answer.json(status, failed);
    }

    private void submit(DefinitionElement element) {
        if (isLate.getAsBoolean()) {
            fail(503, "timeout", "not all of it was done in time: import the file again, what is done stays as it is");
            return;
        }
        CompletableFuture<Reply> submitted;
        try {
            submitted = broker.submit(element.command());
        } catch (IllegalArgumentException tooLarge) {
            fail(400, "bad_request", element.label() + ": " + tooLarge.getMessage());
            return;
        }
        underWay++;
        var unused = submitted.whenCompleteAsync(
                (reply, error) -> {
                    underWay--;
                    if (error != null) {
                        fail(
                                503,
                                "unavailable",
                                "the node did not take " + element.label() + ": " + error.getMessage());
                    } else if (reply instanceof Reply.Rejected why) {
                        refused(
                                element.label() + ": " + why.text(),
                                RefusedException.of(why).answer().status());
                    } else if (!element.section().isEmpty()) {
                        done.merge(element.section(), 1, Integer::sum);
                    }
                    goOn();
                },
                thread);
    }

    /** That this node can do nothing at the moment says nothing of the file. */
    private void refused(String text, int code) {
        if (code == 503) {
            fail(503, "unavailable", text);
        } else {
            fail(400, "bad_request", text);
        }
    }

    /** The first one counts. */
    private void fail(int code, String error, String reason) {
        if (failed == null) {
            status = code;
            failed = Json.object().put("error", error).put("reason", reason);
        }
    }
}
