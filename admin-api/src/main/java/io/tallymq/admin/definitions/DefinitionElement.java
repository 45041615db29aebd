package io.tallymq.admin.definitions;

import io.tallymq.broker.command.Command;

/**
 * A thing that an import makes.
 *
 * @param section of the file that it stands in; empty for what is in none, and is not counted
 * @param label how it is told of: its kind, name and virtual host
 */
record DefinitionElement(String section, String label, Command command) {}
