package io.tallymq.admin.request;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Answers that know of everything that was confirmed before they were asked for, on whatever node: {@code consistency=linearizable}. The node
 * writes an entry that changes nothing and answers when it has applied it. Without a majority there is no such answer.
 *
 * @param ask completes when this node has applied all that; exceptionally with what is answered if it does not
 * @param readers where answers are made then
 */
public record Freshness(Supplier<CompletableFuture<Void>> ask, Executor readers) {
    public static final String PARAMETER = "consistency";
    public static final String LOCAL = "local";
    public static final String LINEARIZABLE = "linearizable";

    /** Whether a request asks for it. */
    public static boolean isWanted(ApiRequest request) {
        String wanted = request.target().parameter(PARAMETER).orElse(LOCAL);
        if (!wanted.equals(LOCAL) && !wanted.equals(LINEARIZABLE)) {
            throw RequestFields.expected(PARAMETER, LOCAL + " or " + LINEARIZABLE);
        }
        return wanted.equals(LINEARIZABLE);
    }

    /** The answer, at once or when it may be given. */
    public CompletionStage<Answer> answer(ApiRequest request, Function<ApiRequest, CompletionStage<Answer>> answer) {
        return isWanted(request)
                ? ask.get().thenComposeAsync(done -> answer.apply(request), readers)
                : answer.apply(request);
    }

    /** The same of what is answered at once, when it may be. */
    public CompletionStage<Answer> answerNow(ApiRequest request, Function<ApiRequest, Answer> answer) {
        return answer(request, asked -> CompletableFuture.completedFuture(answer.apply(asked)));
    }
}
