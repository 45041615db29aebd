package io.tallymq.clients.spring;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageListener;

/** A listener that remembers all it was given, and then does what it is told. */
final class Inbox implements MessageListener {
    /** What becomes of a message, by its text and how often it has come before. */
    interface Reaction {
        void to(String text, int before);
    }

    private final List<Message> got = new CopyOnWriteArrayList<>();
    private final Reaction reaction;

    Inbox(Reaction reaction) {
        this.reaction = reaction;
    }

    @Override
    public void onMessage(Message message) {
        int before = of(text(message)).size();
        got.add(message);
        reaction.to(text(message), before);
    }

    List<Message> all() {
        return got;
    }

    List<Message> of(String text) {
        return got.stream().filter(m -> text(m).equals(text)).toList();
    }

    static String text(Message message) {
        return new String(message.getBody(), StandardCharsets.UTF_8);
    }
}
