package io.tallymq.node;

import io.tallymq.admin.request.ClientTraffic;
import io.tallymq.admin.request.ConfirmTrace;
import io.tallymq.admin.request.NodeStats;
import io.tallymq.admin.request.OthersTraffic;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.login.LoginTally;
import io.tallymq.node.logging.LogRing;
import io.tallymq.node.metrics.PhaseMetrics;
import io.tallymq.node.metrics.TraceRows;
import io.tallymq.node.traffic.AskedTraffic;
import io.tallymq.node.traffic.TrafficAnswers;
import io.tallymq.raft.RaftBroker;
import io.tallymq.raft.vitals.NodeVitals;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** This node's own figures, and with them what the others told of theirs and of their alarms. */
final class ClusterNodeStats implements NodeStats {
    private final NodeStats own;
    private final int connectionLimit;
    private final LoginTally tally;
    private final RaftBroker broker;
    private final OthersTraffic others;

    ClusterNodeStats(NodeStats own, RaftBroker broker, int connectionLimit, LoginTally tally) {
        this.tally = tally;
        this.broker = broker;
        this.connectionLimit = connectionLimit;
        this.own = own;
        var answers = new TrafficAnswers(broker.id(), own.traffic());
        broker.answer(answers::answer);
        others = new AskedTraffic(broker.id(), broker::others, broker::ask, System::nanoTime);
    }

    /** What a node tells the others of itself. */
    static NodeVitals vitals(Machine m, NodeVitals.Memory memory, NodeVitals.Disk disk) {
        return new NodeVitals(m.pid(), m.uptime(), m.processors(), memory, m.filesOpen(), m.filesLimit(), disk);
    }

    @Override
    public Machine machine() {
        return own.machine();
    }

    @Override
    public Map<String, Machine> machines() {
        Map<String, Machine> machines = new TreeMap<>();
        broker.vitals().forEach((node, v) -> machines.put(node, machine(v)));
        return machines;
    }

    @Override
    public Map<String, ClientTraffic.Churn> othersClients() {
        String self = broker.status().node();
        Map<String, ClientTraffic.Churn> others = new TreeMap<>();
        broker.vitals().forEach((node, v) -> {
            if (!node.equals(self) && v.clients() != null) {
                others.put(node, churn(v.clients()));
            }
        });
        return others;
    }

    @Override
    public Map<String, Instant> certificateEnds() {
        Map<String, Instant> ends = new TreeMap<>();
        broker.vitals().forEach((node, v) -> {
            if (v.certificateEnd() > 0) {
                ends.put(node, Instant.ofEpochMilli(v.certificateEnd()));
            }
        });
        return ends;
    }

    private static ClientTraffic.Churn churn(NodeVitals.Clients c) {
        return new ClientTraffic.Churn(
                c.connectionsCreated(), c.connectionsClosed(), c.channelsCreated(), c.channelsClosed(), c.confirmed());
    }

    private static Machine machine(NodeVitals v) {
        return new Machine(
                v.pid(),
                v.uptime(),
                v.processors(),
                v.memory().used(),
                v.memory().limit() > 0 ? v.memory().limit() : -1,
                v.filesOpen(),
                v.filesLimit(),
                v.disk().free(),
                v.disk().limit() > 0 ? v.disk().limit() : -1);
    }

    @Override
    public List<Alarm> alarms() {
        List<Alarm> alarms = new ArrayList<>(own.alarms());
        broker.vitals().forEach((node, v) -> {
            if (v.isLowOnMemory()) {
                alarms.add(new Alarm(node, "memory"));
            }
            if (v.disk().low()) {
                alarms.add(new Alarm(node, "disk"));
            }
        });
        return alarms;
    }

    @Override
    public List<ConfirmPhase> confirmPhases() {
        return PhaseMetrics.recent(broker.runtime().metrics().phases());
    }

    @Override
    public ToldPhases confirmPhasesOf(String node) {
        return PhaseMetrics.told(broker.anatomy(node));
    }

    @Override
    public List<ConfirmTrace> confirmTraces() {
        List<String> nodes = broker.status().members().stream()
                .map(ClusterStatus.Member::name)
                .toList();
        TraceRows rows = new TraceRows(broker::nameOf, nodes);
        return broker.traces().stream().map(rows::row).toList();
    }

    @Override
    public List<LogLine> log() {
        return LogRing.lines().stream()
                .map(l -> new LogLine(l.number(), l.time(), l.level(), l.logger(), l.thread(), l.message(), l.error()))
                .toList();
    }

    @Override
    public List<LoginCounts> logins() {
        return counts(tally.totals());
    }

    @Override
    public List<LoginCounts> loginSources() {
        return counts(tally.sources());
    }

    private static List<LoginCounts> counts(List<LoginTally.Count> all) {
        return all.stream()
                .map(c -> new LoginCounts(
                        c.source().protocol(), c.source().address(), c.source().user(), c.succeeded(), c.failed()))
                .toList();
    }

    @Override
    public void forgetLogins() {
        tally.clear();
    }

    @Override
    public List<Listener> listeners() {
        return own.listeners();
    }

    @Override
    public int connectionLimit() {
        return connectionLimit;
    }

    @Override
    public OthersTraffic othersTraffic() {
        return others;
    }

    @Override
    public ClientTraffic traffic() {
        return own.traffic();
    }
}
