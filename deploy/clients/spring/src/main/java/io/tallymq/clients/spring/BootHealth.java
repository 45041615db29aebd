package io.tallymq.clients.spring;

import static io.tallymq.clients.spring.PassFail.holds;

import org.springframework.boot.actuate.amqp.RabbitHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.Status;

/** What Spring Boot's actuator tells of a broker: it is up if it says its version to a client. */
final class BootHealth {
    private BootHealth() {}

    static void run(SpringBroker broker, PassFail report) {
        report.check("health: RabbitHealthIndicator", () -> {
            Health health = new RabbitHealthIndicator(broker.template()).health();
            Object version = health.getDetails().get("version");
            holds(health.getStatus().equals(Status.UP) && version != null && version.toString().matches("\\d+\\.\\d+\\..*"), health);
            return version;
        });
    }
}
