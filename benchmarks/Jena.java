// Jena at work for the benchmarks: a command a line on standard input, each answered by a line of JSON.
// Run by `java` as it is, without a build; `jena.py` says with which jars.

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.jena.graph.Node;
import org.apache.jena.query.Dataset;
import org.apache.jena.query.DatasetFactory;
import org.apache.jena.query.QueryExecution;
import org.apache.jena.query.QueryExecutionFactory;
import org.apache.jena.query.ResultSetFormatter;
import org.apache.jena.riot.RDFDataMgr;
import org.apache.jena.shacl.ShaclValidator;
import org.apache.jena.shacl.Shapes;
import org.apache.jena.sparql.path.P_Link;

public class Jena {
    private static Dataset dataset = DatasetFactory.create();
    private static Shapes shapes;

    public static void main(String[] arguments) throws Exception {
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        for (String line; (line = lines.readLine()) != null; ) {
            var words = line.split(" ", 2);
            out.println(switch (words[0]) {
                case "version" -> "\"" + org.apache.jena.Jena.VERSION + "\"";
                case "load" -> load(words[1]);
                case "folders" -> folders(Path.of(words[1]));
                case "query" -> query(words[1]);
                case "shapes" -> shapes(words[1]);
                case "validate" -> validate();
                default -> throw new IllegalArgumentException(line);
            });
        }
    }

    /** One file is the default graph. */
    private static String load(String file) {
        dataset = DatasetFactory.create();
        RDFDataMgr.read(dataset.getDefaultModel(), file);
        return "true";
    }

    /** Each folder of Turtle files is a graph; what is asked later is asked of them all. */
    private static String folders(Path root) throws Exception {
        dataset = DatasetFactory.create();
        List<Path> files;
        try (Stream<Path> found = Files.walk(root)) {
            files = found.filter(path -> path.toString().endsWith(".ttl")).sorted().collect(Collectors.toList());
        }
        for (Path file : files) {
            String graph = "urn:graph:" + file.getParent().getFileName();
            RDFDataMgr.read(dataset.getNamedModel(graph), file.toString());
        }
        return "true";
    }

    private static String query(String text) {
        var out = new ByteArrayOutputStream();
        try (QueryExecution execution = QueryExecutionFactory.create(text, dataset)) {
            ResultSetFormatter.outputAsJSON(out, execution.execSelect());
        }
        return out.toString(StandardCharsets.UTF_8).replace('\n', ' ');
    }

    private static String shapes(String file) {
        shapes = Shapes.parse(RDFDataMgr.loadGraph(file));
        return "true";
    }

    /** The focus node, path and constraint component of each result. */
    private static String validate() {
        var report = ShaclValidator.get().validate(shapes, dataset.asDatasetGraph().getDefaultGraph());
        return report.getEntries().stream()
            .map(entry -> Stream.of(text(entry.focusNode()),
                    entry.resultPath() instanceof P_Link ? text(((P_Link) entry.resultPath()).getNode()) : "",
                    text(entry.sourceConstraintComponent()))
                .map(text -> "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"")
                .collect(Collectors.joining(", ", "[", "]")))
            .collect(Collectors.joining(", ", "[", "]"));
    }

    private static String text(Node node) {
        return node.isURI() ? node.getURI() : node.toString();
    }
}
