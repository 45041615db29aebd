package io.tallymq.raft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.timer.Timers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What nodes ask each other: an answer soon, or none. */
class QuestionsTest {
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final Questions one = new Questions(1, thread);
    private final Questions two = new Questions(1_000, thread);
    private final List<byte[]> sent = new ArrayList<>();

    @AfterEach
    void stop() {
        thread.shutdownNow();
    }

    private void connect() {
        one.connect((node, bytes) -> two.take("n1", bytes), new Timers());
        two.connect((node, bytes) -> one.take("n2", bytes), new Timers());
    }

    @Test
    void whoIsAskedAnswers() {
        connect();
        two.answerer(question -> new byte[] {question[0], 7});
        assertArrayEquals(new byte[] {5, 7}, one.ask("n2", new byte[] {5}).join());
    }

    @Test
    void whoIsNotReachedHasNoAnswer() {
        one.connect((node, bytes) -> false, new Timers());
        assertTrue(one.ask("n2", new byte[1]).isCompletedExceptionally());
    }

    @Test
    void whoDoesNotAnswerIsGivenUp() {
        connect();
        two.answerer(question -> {
            throw new IllegalStateException("this is not known here");
        });
        CompletableFuture<byte[]> answer = one.ask("n2", new byte[1]);
        assertThrows(CompletionException.class, answer::join);
    }

    @Test
    void soManyAreOpenAndTheRestFails() {
        one.connect((node, bytes) -> sent.add(bytes), new Timers());
        List<CompletableFuture<byte[]>> open = new ArrayList<>();
        for (int i = 0; i < Questions.MOST; i++) {
            open.add(one.ask("n2", new byte[1]));
        }
        assertTrue(one.ask("n2", new byte[1]).isCompletedExceptionally());
        open.forEach(answer -> assertThrows(CompletionException.class, answer::join));
        one.ask("n2", new byte[1]);
        assertTrue(sent.size() == Questions.MOST + 1, "there is room again");
    }

    @Test
    void whatIsNoQuestionIsLeftToOthers() {
        assertFalse(one.take("n2", new byte[] {(byte) 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
        assertFalse(one.take("n2", new byte[] {(byte) 0xfe, 0}));
    }
}
