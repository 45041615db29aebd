package io.tallymq.admin.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.list.Listing;
import io.tallymq.admin.request.AccessWrites;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.Columns;
import io.tallymq.admin.request.Freshness;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.RequestFields;
import io.tallymq.admin.request.Rows;
import io.tallymq.broker.change.DeleteUser;
import io.tallymq.broker.change.SetUser;
import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.broker.view.User;
import io.tallymq.login.Passwords;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/** /api/users: for administrators. Passwords come in and never go out; what is kept of them does, as RabbitMQ's definitions have it. */
public final class UsersApi {
    /** Users that one request deletes, at most: each is an entry of the log. */
    public static final int MOST_DELETED = 500;

    private final AdminContext context;
    private final AccessWrites writes;
    private final Freshness freshness;

    public UsersApi(AdminContext context, AccessWrites writes, Freshness freshness) {
        this.context = context;
        this.writes = writes;
        this.freshness = freshness;
    }

    public List<HttpRoute> routes() {
        return List.of(
                HttpRoute.of("/api/users", Lane.STATE, request -> users(request, u -> true))
                        .openTo(Access.ADMINISTRATOR),
                HttpRoute.of(
                                "/api/users/without-permissions",
                                Lane.STATE,
                                request -> users(request, u -> u.permissions().isEmpty()))
                        .openTo(Access.ADMINISTRATOR),
                HttpRoute.forWrites("/api/users/bulk-delete", Lane.STATE)
                        .with("POST", Access.ADMINISTRATOR, this::deleteAll),
                HttpRoute.async("/api/users/{name}", Lane.STATE, request -> freshness.answerNow(request, this::user))
                        .openTo(Access.ADMINISTRATOR)
                        .with("PUT", Access.ADMINISTRATOR, this::put)
                        .with("DELETE", Access.ADMINISTRATOR, this::delete),
                HttpRoute.forWrites("/api/auth/hash_password", Lane.STATE)
                        .with("POST", Access.ADMINISTRATOR, UsersApi::hash));
    }

    private Answer users(ApiRequest request, Predicate<User> wanted) {
        Collection<User> users = context.access().users();
        return Listing.of(request.target())
                .render(
                        Listing.Source.of(Rows.filtered(users.iterator(), wanted), User::name, UsersApi::row),
                        context.held());
    }

    private Answer user(ApiRequest request) {
        return Answer.ok(Columns.of(request.target()).of(row(context.user(request.variable("name")))));
    }

    public static ObjectNode row(User user) {
        PasswordHash password = user.spec().password();
        ObjectNode row = Json.object()
                .put("name", user.name())
                .put("password_hash", password.value())
                // RabbitMQ names one in any case
                .put("hashing_algorithm", password.value().isEmpty() ? Passwords.RABBIT_SHA256 : password.algorithm());
        row.set("tags", Json.strings(user.spec().tags()));
        row.set("limits", Json.numbers(user.limits()));
        return row;
    }

    private CompletionStage<Answer> put(ApiRequest request) {
        return writes.submit(
                request, new SetUser(request.variable("name"), new UserBody(RequestFields.of(request)).spec()));
    }

    private CompletionStage<Answer> delete(ApiRequest request) {
        return writes.submit(request, new DeleteUser(request.variable("name")));
    }

    /** One after the other; who is not there is no error. Ends with the first one that is refused. */
    private CompletionStage<Answer> deleteAll(ApiRequest request) {
        CompletableFuture<Answer> all = CompletableFuture.completedFuture(Answer.empty(204));
        for (String name : names(request)) {
            all = all.thenCompose(before -> before.status() != 204
                    ? CompletableFuture.completedFuture(before)
                    : writes.submit(request, new DeleteUser(name))
                            .thenApply(answer -> answer.status() == 404 ? Answer.empty(204) : answer));
        }
        return all;
    }

    private static List<String> names(ApiRequest request) {
        JsonNode users = RequestFields.of(request).any("users");
        List<String> names = new ArrayList<>();
        users.forEach(name -> names.add(name.textValue()));
        if (!users.isArray() || names.contains(null) || names.size() > MOST_DELETED) {
            throw RequestFields.expected("users", "a list of at most " + MOST_DELETED + " names");
        }
        return names;
    }

    /** For who wants to put a user without sending the password again. */
    private static CompletionStage<Answer> hash(ApiRequest request) {
        PasswordHash hash = UserBody.hashed(RequestFields.of(request).text("password"));
        return CompletableFuture.completedFuture(
                Answer.ok(Json.object().put("ok", hash.value()).put("hashing_algorithm", hash.algorithm())));
    }
}
