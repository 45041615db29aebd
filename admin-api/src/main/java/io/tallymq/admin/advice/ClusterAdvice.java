package io.tallymq.admin.advice;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.advice.Advice.Level;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.NodeStats.Alarm;
import io.tallymq.admin.request.NodeStats.Machine;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.ClusterStatus.Member;
import io.tallymq.broker.view.User;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Advice about nodes, their machines and who logs in. */
final class ClusterAdvice {
    /** Entries of the log that a node may be behind for a moment. */
    private static final long MUCH_LAG = 10_000;
    /** A share of what there is. */
    private static final double NEARLY_ALL = 0.8;
    /** So many times the limit of the disk alarm are not much left. */
    private static final int NEAR_LIMIT = 2;

    private static final Duration SOON = Duration.ofDays(30);
    /** Connections, and channels, that a second begin and end on one node. */
    private static final double MUCH_CHURN = 5;

    private final AdminContext context;
    private final Supplier<Map<String, Instant>> certificates;

    ClusterAdvice(AdminContext context, Supplier<Map<String, Instant>> certificates) {
        this.context = context;
        this.certificates = certificates;
    }

    void addTo(AdviceList list, Churns churns) {
        ClusterStatus status = context.broker().status();
        majority(list, status);
        status.members().forEach(member -> follows(list, member));
        Map<String, Machine> machines = new TreeMap<>(context.stats().machines());
        machines.put(status.node(), context.stats().machine());
        machines.forEach((node, machine) -> machine(list, node, machine));
        for (Churns.Kind kind : Churns.Kind.values()) {
            churn(list, status.node(), kind, churns.perSecond(null, kind), churns.most(kind));
            context.stats()
                    .othersClients()
                    .keySet()
                    .forEach(node -> churn(list, node, kind, churns.perSecond(node, kind), Optional.empty()));
        }
        Map<String, Instant> ends = new TreeMap<>(context.stats().certificateEnds());
        certificates.get().values().stream()
                .min(Comparator.naturalOrder())
                .ifPresent(end -> ends.put(status.node(), end));
        ends.forEach((node, end) -> certificate(list, node, end));
        guest(list);
    }

    private static ObjectNode node(String name) {
        return Json.object().put("name", name);
    }

    private static void majority(AdviceList list, ClusterStatus status) {
        int nodes = status.members().size();
        long reached = status.members().stream().filter(Member::reachable).count();
        int majority = nodes / 2 + 1;
        ObjectNode figures =
                Json.object().put("nodes", nodes).put("reached", reached).put("majority", majority);
        ObjectNode subject = Json.object().put("cluster", status.cluster());
        if (!status.serving()) {
            list.add(new Advice(
                    Level.CRITICAL,
                    "no-leader",
                    "cluster",
                    subject,
                    figures,
                    "this node follows no leader: nothing is confirmed here",
                    "start the nodes that are down, or mend the network between them: " + majority + " of " + nodes
                            + " have to reach each other"));
        } else if (nodes > 1 && reached == majority) {
            list.add(new Advice(
                    Level.WARNING,
                    "no-spare-node",
                    "cluster",
                    subject,
                    figures,
                    "with one node less nothing is confirmed any more",
                    switch ((int) (nodes - reached)) {
                        case 0 ->
                            "a cluster with an even number of nodes bears no more losses than with one less: run three or five";
                        case 1 -> "start the node that is down";
                        default -> "start the nodes that are down";
                    }));
        } else if (nodes == 1) {
            list.add(new Advice(
                    Level.NOTICE,
                    "single-node",
                    "cluster",
                    subject,
                    figures,
                    "there is one copy of each message",
                    "run three nodes: what is confirmed then outlives one of them"));
        }
    }

    private static void follows(AdviceList list, Member member) {
        if (!member.reachable()) {
            list.add(new Advice(
                    Level.WARNING,
                    "node-down",
                    "node",
                    node(member.name()),
                    Json.object().put("host", member.host()),
                    "node '" + member.name() + "' is not reached",
                    "look at its log, and at the network to " + member.host()));
        } else if (member.lag() > MUCH_LAG) {
            list.add(new Advice(
                    Level.WARNING,
                    "node-behind",
                    "node",
                    node(member.name()),
                    Json.object().put("lag", member.lag()),
                    "node '" + member.name() + "' is " + member.lag() + " entries behind",
                    "look at its disk and its CPU: until it has caught up it can't take another node's place"));
        }
    }

    private void machine(AdviceList list, String name, Machine m) {
        disk(list, name, m);
        memory(list, name, m);
        if (m.filesLimit() > 0 && m.filesOpen() > NEARLY_ALL * m.filesLimit()) {
            list.add(new Advice(
                    Level.WARNING,
                    "files-nearly-all",
                    "node",
                    node(name),
                    Json.object().put("fd_used", m.filesOpen()).put("fd_total", m.filesLimit()),
                    "few file descriptors are left",
                    "raise the limit (ulimit -n, LimitNOFILE=) of '" + name + "'"));
        }
    }

    /** An alarm stays on until it is clearly better, so the figures alone do not tell. */
    private boolean hasAlarm(String name, String resource) {
        return context.stats().alarms().contains(new Alarm(name, resource));
    }

    private void disk(AdviceList list, String name, Machine m) {
        boolean low = hasAlarm(name, "disk");
        if (low || m.diskFreeLimit() > 0 && m.diskFree() >= 0 && m.diskFree() < NEAR_LIMIT * m.diskFreeLimit()) {
            low |= m.diskFree() < m.diskFreeLimit();
            list.add(new Advice(
                    low ? Level.CRITICAL : Level.WARNING,
                    "disk-nearly-full",
                    "node",
                    node(name),
                    Json.object().put("disk_free", m.diskFree()).put("disk_free_limit", m.diskFreeLimit()),
                    low ? "the disk is low: publishers of all nodes are blocked" : "the disk is close to its limit",
                    "make room on the disk of '" + name + "', or let consumers catch up"));
        }
    }

    private void memory(AdviceList list, String name, Machine m) {
        boolean low = hasAlarm(name, "memory");
        boolean resident = m.memoryLimit() > 0 && m.memoryUsed() > NEARLY_ALL * m.memoryLimit();
        if (low || resident) {
            list.add(
                    new Advice(
                            low ? Level.CRITICAL : Level.WARNING,
                            "memory-nearly-full",
                            "node",
                            node(name),
                            Json.object().put("mem_used", m.memoryUsed()).put("mem_limit", m.memoryLimit()),
                            low
                                    ? "the node's memory is low: publishers of all nodes are blocked"
                                    : "the node's memory is close to its limit",
                            resident
                                    ? "give the machine or container more, or have fewer connections to it"
                                    : "its heap is full of queues, exchanges, bindings and the like: delete some, or give all nodes a larger heap"));
        }
    }

    private static void churn(
            AdviceList list, String name, Churns.Kind kind, OptionalDouble rate, Optional<Churns.Most> most) {
        if (rate.isEmpty() || rate.getAsDouble() <= MUCH_CHURN) {
            return;
        }
        ObjectNode figures = Json.object().put("per_second", rate.getAsDouble());
        most.ifPresent(m -> figures.put("most_by", m.who()).put("opened_by_it", m.opened()));
        list.add(new Advice(
                Level.WARNING,
                kind.text() + "-come-and-go",
                "node",
                node(name),
                figures,
                rate.getAsDouble() + " " + kind.text() + " are opened and closed per second on node '" + name + "'"
                        + most.map(m -> ", most of them by " + m.who()).orElse(""),
                "keep them open and use them again: opening one costs more than many publishes"
                        + (most.isPresent() ? "" : "; who it is that node's own advice tells, if it is counted")));
    }

    private static void certificate(AdviceList list, String name, Instant end) {
        if (end.isBefore(Instant.now().plus(SOON))) {
            boolean over = end.isBefore(Instant.now());
            long days = Duration.between(Instant.now(), end).toDays();
            list.add(
                    new Advice(
                            over ? Level.CRITICAL : Level.WARNING,
                            "certificate-ends",
                            "node",
                            node(name),
                            Json.object().put("valid_until", end.toString()).put("days", days),
                            over ? "the certificate has expired" : "the certificate expires in " + days + " days",
                            "put a new one in its place, be it the node's own, one of its chain or an authority: it is read again without a restart"));
        }
    }

    private void guest(AdviceList list) {
        User guest = context.access().user("guest");
        if (guest != null && guest.spec().tags().contains(ApiRequest.ADMINISTRATOR) && isReachedFromOutside()) {
            list.add(new Advice(
                    Level.NOTICE,
                    "guest-administrates",
                    "user",
                    node("guest"),
                    Json.object(),
                    "the user guest, whose password everybody knows, is an administrator; he may log in from the nodes' own machines only",
                    "make an administrator of your own and delete guest"));
        }
    }

    private boolean isReachedFromOutside() {
        return context.stats().listeners().stream()
                .anyMatch(l -> !l.address().startsWith("127.")
                        && !l.address().equals("::1")
                        && !l.address().equals("localhost"));
    }
}
