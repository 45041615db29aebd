package io.tallymq.admin;

import java.util.List;

/**
 * Somebody who logged in.
 *
 * @param tags RabbitMQ's: {@code administrator} and {@code monitoring} may see everything here, others only /api/whoami
 */
public record AdminUser(String name, List<String> tags) {
    public AdminUser {
        tags = List.copyOf(tags);
    }

    boolean maySeeAll() {
        return tags.contains("administrator") || tags.contains("monitoring");
    }
}
