using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace LoraPS.Engine.Merging.Conversion;

/// <summary>Values that a PEFT configuration gives to modules by a pattern of their path.</summary>
/// <remarks>
/// Follows get_pattern_key in peft src/peft/utils/other.py@5d602fdb: the first pattern that matches the end of the path, from a dot
/// on, counts. Patterns are regular expressions; most are plain paths, in which only the dot stands for any character.
/// </remarks>
internal sealed partial class PeftPattern
{
    /// <summary>A pattern from elsewhere may take for ever.</summary>
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(1);

    private readonly List<(Func<string, bool> Matches, double Value)> _entries = [];

    /// <summary>Reads the patterns.</summary>
    /// <param name="entries">Values by pattern; null for none. What is no number is passed over.</param>
    /// <param name="source">The file they are from.</param>
    /// <exception cref="PeftConfigException">A pattern is no regular expression (PeftConfigInvalid).</exception>
    public PeftPattern(JsonObject? entries, string source)
    {
        foreach (var (pattern, node) in entries ?? [])
        {
            if (PeftJson.Number(node) is { } value)
                _entries.Add((Plain().IsMatch(pattern) ? path => IsEnd(path, pattern) : Expression(pattern, source), value));
        }
    }

    /// <summary>The value of a module; null where no pattern matches.</summary>
    /// <param name="path">The module's path in its network.</param>
    /// <exception cref="PeftConfigException">A pattern takes too long (PeftConfigInvalid).</exception>
    public double? Find(string path)
    {
        foreach (var (matches, value) in _entries)
        {
            if (matches(path))
                return value;
        }

        return null;
    }

    private static Func<string, bool> Expression(string pattern, string source)
    {
        try
        {
            var expression = new Regex($@"^(.*\.)?({pattern})$", RegexOptions.CultureInvariant, MostTime);
            return path => Matches(expression, path, source);
        }
        catch (RegexParseException e)
        {
            throw PeftConfigException.Invalid(source, $"has a pattern that is no regular expression ({e.Message})");
        }
    }

    private static bool Matches(Regex expression, string path, string source)
    {
        try
        {
            return expression.IsMatch(path);
        }
        catch (RegexMatchTimeoutException)
        {
            throw PeftConfigException.Invalid(source, $"has a pattern that takes too long to match: {expression}");
        }
    }

    private static bool IsEnd(string path, string pattern)
    {
        var start = path.Length - pattern.Length;
        if (start < 0 || (start > 0 && path[start - 1] != '.'))
            return false;
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] != '.' && pattern[i] != path[start + i])
                return false;
        }

        return true;
    }

    [GeneratedRegex(@"^[A-Za-z0-9_.]+\z")]
    private static partial Regex Plain();
}
