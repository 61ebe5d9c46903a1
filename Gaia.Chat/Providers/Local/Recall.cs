namespace Gaia.Chat.Providers.Local;

/// <summary>How well a statement answers a question. <paramref name="Coverage"/>: the share of the question's weight that it meets, 0 to 1.</summary>
internal readonly record struct Finding(Statement Statement, double Score, double Coverage, int Order);

/// <summary>
/// Ranks statements against a question: shared or related words weighted by how rare they are (BM25's idf without its length part),
/// the kind of value asked for, agreement of subjects, recency. One pass over the words of all statements.
/// </summary>
internal sealed class Recall
{
    private readonly List<Statement> _statements;
    private readonly List<int[]> _terms;
    private readonly Dictionary<string, int> _vocabulary = new(StringComparer.Ordinal);
    private readonly List<string> _stems = [];
    private readonly List<int> _frequency = [];

    public Recall(IEnumerable<Statement> statements)
    {
        _statements = statements.ToList();
        _terms = _statements.ConvertAll(statement => Index(statement.Words));
    }

    public IReadOnlyList<Finding> Rank(Inquiry question)
    {
        var weights = new double[question.Terms.Count];
        var similar = new float[question.Terms.Count][];
        for (var t = 0; t < question.Terms.Count; t++)
        {
            similar[t] = new float[_stems.Count];
            var frequency = 0;
            for (var v = 0; v < _stems.Count; v++)
            {
                similar[t][v] = (float)Thesaurus.Similarity(question.Terms[t], _stems[v]);
                if (similar[t][v] == 1)
                    frequency += _frequency[v];
            }
            // A word that nobody said weighs no more than a rare one.
            weights[t] = Math.Log(1 + (_statements.Count + 1.0) / (Math.Max(frequency, 1) + 0.5));
        }
        var total = weights.Sum();
        var findings = new List<Finding>(_statements.Count);
        for (var s = 0; s < _statements.Count; s++)
        {
            var statement = _statements[s];
            var matched = new double[question.Terms.Count];
            Match(_terms[s], 1, similar, matched);
            if (statement.Root is { } root)
                Match(Lookup(root.Words), 0.75, similar, matched);
            if (statement.Prompt is { } prompt)
                Match(Lookup(Words.Of(prompt)), 0.75, similar, matched);
            findings.Add(Judge(question, statement, s, matched, weights, total, similar));
        }
        findings.Sort(static (a, b) => b.Score.CompareTo(a.Score) is var order and not 0 ? order : b.Order.CompareTo(a.Order));
        return findings;
    }

    private Finding Judge(Inquiry question, Statement statement, int order, double[] matched, double[] weights, double total, float[][] similar)
    {
        var features = Features.Of(statement.Words);
        var met = 0.0;
        for (var t = 0; t < matched.Length; t++)
        {
            // "My sister Clara lives in Oslo" does tell the sister's name.
            if (matched[t] < 0.5 && question.Terms[t] is "name" or "call" && matched.Any(m => m >= 0.7) && features.HasFlag(Feature.Name) && !statement.SpeaksAsI)
                matched[t] = 0.5;
            // So does "I'm Ada" the user's own.
            if (question.AboutUser && question.Terms[t] is "name" or "call" && statement.Introduces)
                matched[t] = 0.9;
            met += matched[t] * weights[t];
        }
        var coverage = total == 0 ? 0 : met / total;
        // What is said of another thing than "my hotel" or "France" hardly tells about it, whatever else the words share.
        if (question.Essential.Any(term => matched[term] == 0))
            coverage *= 0.5;
        var score = coverage;
        var wanted = question.Wanted;
        if (wanted != Feature.None)
            score += (features & wanted) != 0 ? 0.2 : -0.12;
        if (coverage > 0)
            score += SubjectAgreement(question, statement, similar);
        if (question.AsksToRemember && statement.Memorise)
            (score, coverage) = (Math.Max(score, 0.2) + 0.4, Math.Max(coverage, 0.5));
        score += 0.05 * (order + 1) / _statements.Count;
        return new Finding(statement, score, coverage, order);
    }

    private double SubjectAgreement(Inquiry question, Statement statement, float[][] similar)
    {
        if (statement.SpeaksAsI)
            return question.AsksAboutI ? 0.1 : 0;
        var agreement = 0.0;
        var (any, hit) = (false, false);
        foreach (var word in statement.Words.Take(Math.Max(statement.Verb, 0)))
        {
            if (Lexicon.Stop.Contains(word.Key) || !_vocabulary.TryGetValue(Words.Stem(word.Key), out var id))
                continue;
            any = true;
            if (similar.Any(row => row[id] > 0))
                hit = true;
            // A name beside its noun ("my sister Clara") does not make it another subject; a noun ("my sister's dog") does.
            else if (!word.IsCapitalised)
                agreement -= 0.2;
        }
        if (any && !hit && question.AsksAboutI)
            agreement -= 0.15;
        return Math.Max(agreement, -0.4);
    }

    private static void Match(int[] terms, double weight, float[][] similar, double[] matched)
    {
        for (var t = 0; t < similar.Length; t++)
        {
            var row = similar[t];
            foreach (var term in terms)
                matched[t] = Math.Max(matched[t], row[term] * weight);
        }
    }

    private int[] Index(IReadOnlyList<Word> words)
    {
        var ids = new HashSet<int>();
        foreach (var word in words)
        {
            if (Lexicon.Stop.Contains(word.Key))
                continue;
            var stem = word.Key.Contains('@', StringComparison.Ordinal) ? "email" : Words.Stem(word.Key);
            if (!_vocabulary.TryGetValue(stem, out var id))
            {
                _vocabulary[stem] = id = _stems.Count;
                _stems.Add(stem);
                _frequency.Add(0);
            }
            if (ids.Add(id))
                _frequency[id]++;
        }
        return [.. ids];
    }

    private int[] Lookup(IEnumerable<Word> words) =>
        [.. words.Where(word => !Lexicon.Stop.Contains(word.Key)).Select(word => _vocabulary.TryGetValue(Words.Stem(word.Key), out var id) ? id : -1).Where(id => id >= 0)];
}
