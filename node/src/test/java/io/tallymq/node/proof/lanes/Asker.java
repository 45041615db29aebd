package io.tallymq.node.proof.lanes;

import com.rabbitmq.client.Connection;
import io.tallymq.node.proof.history.HistoryEvent.Inquiring;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Told;
import io.tallymq.node.proof.history.HistoryLog;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Asks one node for receipts, one after the other, of all producers, and makes numbers void now and then. In the end, when nothing is published any
 * more, it makes void what nobody knows of, and asks for the latest numbers of all.
 */
final class Asker extends Worker {
    private static final int LONGEST_GAP_MILLIS = 100;
    private static final int ONE_VOID_OF = 12;
    /** Of each producer, in the end. */
    private static final int LAST_ASKED = 120;

    private final boolean overHttp;
    private final List<NamedLetters> producers;
    private final Predicate<NamedLetters> rests;
    private final Lane lane;
    private final Naming naming;
    private final HistoryLog history;
    private final Random random;
    private final HttpDesk http;

    /** @param overHttp whether it asks over HTTP; else over AMQP */
    Asker(String name, int node, boolean overHttp, List<NamedLetters> producers, Naming naming, Lane lane) {
        this(name, node, overHttp, producers, naming, lane, one -> false);
    }

    /**
     * The same.
     *
     * @param rests whether nothing of a producer is made void for now
     */
    Asker(
            String name,
            int node,
            boolean overHttp,
            List<NamedLetters> producers,
            Naming naming,
            Lane lane,
            Predicate<NamedLetters> rests) {
        super(name, node, lane.clients());
        this.rests = rests;
        this.overHttp = overHttp;
        this.producers = producers;
        this.lane = lane;
        this.naming = naming;
        history = lane.history();
        random = new Random(lane.seed());
        http = new HttpDesk(lane.address(node), naming);
    }

    @Override
    protected void work(Connection connection, String incarnation) throws IOException, InterruptedException {
        ReceiptDesk desk = overHttp ? http : new AmqpDesk(connection, naming);
        while (!stopsWithin(TimeUnit.MILLISECONDS.toNanos(random.nextInt(LONGEST_GAP_MILLIS))) && connection.isOpen()) {
            NamedLetters one = producers.get(random.nextInt(producers.size()));
            if (random.nextInt(ONE_VOID_OF) == 0 && !rests.test(one)) {
                makeVoid(desk, incarnation, one, one.toVoid(random));
            } else {
                ask(desk, incarnation, one, one.any(random));
            }
        }
        if (stopped()) {
            askForAll(desk, incarnation);
        }
    }

    private void askForAll(ReceiptDesk desk, String who) throws IOException, InterruptedException {
        for (NamedLetters one : producers) {
            for (Long open = one.toDecide(); open != null; open = one.toDecide()) {
                makeVoid(desk, who, one, open);
            }
        }
        for (NamedLetters one : producers) {
            for (long number : one.latest(LAST_ASKED)) {
                ask(desk, who, one, number);
            }
        }
    }

    private void ask(ReceiptDesk desk, String who, NamedLetters producer, long number)
            throws IOException, InterruptedException {
        String name = producer.name(number);
        long asked = history.add(t -> new Inquiring(Kind.INQUIRED, t, who, name));
        try {
            told(Kind.TOLD, who, name, desk.ask(producer.producer(), number));
        } catch (ReceiptDesk.NoAnswerException e) {
            noAnswer(asked, e);
        }
    }

    private void makeVoid(ReceiptDesk desk, String who, NamedLetters producer, long number)
            throws IOException, InterruptedException {
        String name = producer.name(number);
        long asked = history.add(t -> new Inquiring(Kind.VOIDING, t, who, name));
        try {
            told(Kind.VOIDED, who, name, desk.makeVoid(producer.producer(), number));
        } catch (ReceiptDesk.NoAnswerException e) {
            noAnswer(asked, e);
        }
    }

    private void told(Kind kind, String who, String name, ReceiptDesk.Answer a) {
        history.add(t -> new Told(kind, t, who, name, a.outcome(), a.isFinal(), a.entry(), a.askedAt(), a.times()));
    }

    private void noAnswer(long asked, ReceiptDesk.NoAnswerException e) {
        if (lane.isCalm(asked)) {
            problem("no receipt although all nodes serve: " + e.getMessage());
        }
    }
}
