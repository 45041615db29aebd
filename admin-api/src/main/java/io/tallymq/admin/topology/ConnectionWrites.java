package io.tallymq.admin.topology;

import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.StateWrites;
import io.tallymq.broker.command.ForceClose;
import io.tallymq.broker.view.BrokerView.ConnectionView;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Connections are closed by HTTP, on whichever node they are: their clients get 320 with the header X-Reason. Everybody may close his own,
 * administrators all.
 */
public final class ConnectionWrites {
    /** Of one request, on their way at a time. */
    static final int AT_ONCE = 16;

    private static final String NO_REASON = "closed by an operator over HTTP";

    private final AdminContext context;
    private final StateWrites writes;

    public ConnectionWrites(AdminContext context, StateWrites writes) {
        this.context = context;
        this.writes = writes;
    }

    private void require(ApiRequest request, String owner) {
        if (!request.isOfAdministrator() && !owner.equals(request.user().name())) {
            throw RefusedException.notAuthorised("the connections of others are closed by administrators");
        }
        context.requireLevel(ForceClose.LEVEL, "connections are closed by HTTP");
    }

    private static String reason(ApiRequest request) {
        String given = request.reason() == null ? "" : request.reason().trim();
        return given.isEmpty()
                ? NO_REASON
                : given.codePoints()
                        .limit(ForceClose.MOST_REASON)
                        .filter(c -> !Character.isISOControl(c))
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
    }

    /** 204 when its node knows, who then closes it; 404 when it has ended meanwhile. */
    CompletionStage<Answer> close(ApiRequest request, ConnectionView connection) {
        require(request, connection.info().user());
        return writes.submit(request, new ForceClose(connection.id(), reason(request)));
    }

    /** Those of the user that the path names; what has ended meanwhile is fine. Ends with the first that could not be closed. */
    CompletionStage<Answer> closeAll(ApiRequest request, Iterator<ConnectionView> connections) {
        require(request, request.variable("user"));
        List<ForceClose> all = new ArrayList<>();
        connections.forEachRemaining(c -> all.add(new ForceClose(c.id(), reason(request))));
        CompletableFuture<Answer> done = CompletableFuture.completedFuture(Answer.empty(204));
        for (int i = 0; i < all.size(); i += AT_ONCE) {
            List<ForceClose> some = all.subList(i, Math.min(all.size(), i + AT_ONCE));
            done = done.thenCompose(before ->
                    before.status() == 204 ? close(request, some) : CompletableFuture.completedFuture(before));
        }
        return done;
    }

    private CompletableFuture<Answer> close(ApiRequest by, List<ForceClose> some) {
        CompletableFuture<Answer> all = CompletableFuture.completedFuture(Answer.empty(204));
        for (ForceClose one : some) {
            all = writes.submit(by, one)
                    .thenCombine(
                            all,
                            (answer, others) -> answer.status() == 204 || answer.status() == 404 ? others : answer);
        }
        return all;
    }
}
