package io.tallymq.admin;

import java.util.List;

/**
 * Somebody who logged in.
 *
 * @param tags RabbitMQ's: {@code administrator} and {@code monitoring} may see everything here, {@code policymaker} policies, others only
 *     /api/whoami; policymakers and administrators may change policies
 */
public record AdminUser(String name, List<String> tags) {
    public AdminUser {
        tags = List.copyOf(tags);
    }
}
