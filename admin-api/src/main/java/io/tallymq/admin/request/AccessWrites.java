package io.tallymq.admin.request;

import io.tallymq.broker.change.Change;
import io.tallymq.broker.command.Administer;
import java.util.concurrent.CompletableFuture;

/** Changes of who there is and who may do what, in the name of the user who asks for them. Any thread. */
public record AccessWrites(StateWrites writes) {
    /** 201 for what is new, 204 for what is changed or gone, 404 and 400 for what is refused. Never completes exceptionally. */
    public CompletableFuture<Answer> submit(ApiRequest by, Change change) {
        return writes.submit(new Administer(by.by(), by.from(), change));
    }
}
