package io.tallymq.clients.spring;

import static io.tallymq.clients.spring.PassFail.holds;
import static io.tallymq.clients.spring.PassFail.until;

import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageListener;
import org.springframework.amqp.core.QueueBuilder;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.amqp.rabbit.transaction.RabbitTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Transacted channels: a commit takes effect as a whole, a rollback leaves nothing. */
final class Transactions {
    private static final int MANY = 20;

    private final SpringBroker broker;
    private final CachingConnectionFactory factory;
    private final RabbitTemplate template;
    private final RabbitTransactionManager manager;
    private final TransactionTemplate transaction;
    private final String in;
    private final String out;

    private Transactions(SpringBroker broker, CachingConnectionFactory factory) {
        this.broker = broker;
        this.factory = factory;
        this.template = new RabbitTemplate(factory);
        template.setChannelTransacted(true);
        this.manager = new RabbitTransactionManager(factory);
        this.transaction = new TransactionTemplate(manager);
        this.in = broker.declare(QueueBuilder.durable(broker.name("tx.in")).quorum().build());
        this.out = broker.declare(QueueBuilder.durable(broker.name("tx.out")).build());
    }

    static void run(SpringBroker broker, PassFail report) {
        CachingConnectionFactory factory = broker.factory();
        Transactions transactions = new Transactions(broker, factory);
        report.check("transactions: commit", transactions::commit);
        report.check("transactions: rollback", transactions::rollback);
        report.check("transactions: a message moves or stays", transactions::moves);
        report.check("transactions: a listener that fails", transactions::listener);
        factory.destroy();
        broker.admin().deleteQueue(transactions.in);
        broker.admin().deleteQueue(transactions.out);
    }

    private Object commit() {
        long seen = transaction.execute(status -> {
            for (int i = 0; i < MANY; i++) {
                template.convertAndSend("", in, "c" + i);
            }
            return broker.waiting(in);
        });
        holds(seen == 0 && broker.waiting(in) == MANY, seen + ", then " + broker.waiting(in));
        broker.admin().purgeQueue(in);
        return "none before it, " + MANY + " after it";
    }

    private Object rollback() {
        try {
            transaction.executeWithoutResult(status -> {
                template.convertAndSend("", in, "lost");
                throw new IllegalStateException("no");
            });
        } catch (IllegalStateException e) {
            holds(broker.waiting(in) == 0, broker.waiting(in));
        }
        transaction.executeWithoutResult(status -> {
            template.convertAndSend("", in, "lost");
            status.setRollbackOnly();
        });
        holds(broker.waiting(in) == 0, broker.waiting(in));
        return "none";
    }

    /** A message is fetched and another published in one transaction. */
    private Object moves() {
        broker.template().convertAndSend("", in, "moves");
        transaction.executeWithoutResult(status -> {
            Message got = template.receive(in, SpringBroker.WAIT_MILLIS);
            template.send("", out, got);
            status.setRollbackOnly();
        });
        holds(broker.waiting(in) == 1 && broker.waiting(out) == 0, "after the rollback");
        boolean again = transaction.execute(status -> {
            Message got = template.receive(in, SpringBroker.WAIT_MILLIS);
            template.send("", out, got);
            return got.getMessageProperties().isRedelivered();
        });
        holds(again && broker.waiting(in) == 0 && broker.waiting(out) == 1, "after the commit");
        broker.admin().purgeQueue(out);
        return "back and flagged after the rollback, moved by the commit";
    }

    /** What it published before it failed is gone; the message comes again. */
    private Object listener() throws InterruptedException {
        Inbox inbox = new Inbox((text, before) -> {
            template.convertAndSend("", out, text + before);
            if (before == 0) {
                throw new IllegalStateException("the first time");
            }
        });
        SimpleMessageListenerContainer container = new SimpleMessageListenerContainer(factory);
        container.setReceiveTimeout(100);
        container.setChannelTransacted(true);
        container.setTransactionManager(manager);
        container.setQueueNames(in);
        container.setMessageListener((MessageListener) inbox);
        broker.start(container);
        broker.template().convertAndSend("", in, "x");
        Object got = broker.template().receiveAndConvert(out, SpringBroker.WAIT_MILLIS);
        until("an empty queue", () -> broker.waiting(in) == 0);
        container.stop();
        holds("x1".equals(got) && broker.waiting(out) == 0 && broker.waiting(in) == 0, got);
        return "2 deliveries, 1 message out";
    }
}
