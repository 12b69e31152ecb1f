using System.Globalization;

namespace LoraPS.ModelMaker;

/// <summary>Options given as <c>--name value</c> and switches given as <c>--name</c>.</summary>
public sealed class CommandLine
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private CommandLine()
    {
    }

    /// <summary>Reads the arguments of a program.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="options">Names that take a value.</param>
    /// <param name="switches">Names that take none.</param>
    /// <exception cref="ArgumentException">A name is not known, or its value is missing.</exception>
    public static CommandLine Parse(IReadOnlyList<string> arguments, IReadOnlyList<string> options, IReadOnlyList<string> switches)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var line = new CommandLine();
        for (var i = 0; i < arguments.Count; i++)
        {
            var name = arguments[i].StartsWith("--", StringComparison.Ordinal) ? arguments[i][2..] : "";
            if (switches.Contains(name))
                line._values[name] = "";
            else if (!options.Contains(name))
                throw new ArgumentException($"Unknown argument {arguments[i]}.");
            else if (++i < arguments.Count)
                line._values[name] = arguments[i];
            else
                throw new ArgumentException($"--{name} needs a value.");
        }

        return line;
    }

    /// <summary>True if the switch or option was given.</summary>
    public bool Has(string name) => _values.ContainsKey(name);

    /// <summary>The value of an option.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="fallback">What stands for an option that was not given; null if it must be given.</param>
    /// <exception cref="ArgumentException">It was not given and there is no fallback.</exception>
    public string Text(string name, string? fallback = null) =>
        _values.GetValueOrDefault(name) ?? fallback ?? throw new ArgumentException($"--{name} is missing.");

    /// <summary>The value of an option that is a whole number, 0 or above.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="fallback">What stands for an option that was not given.</param>
    /// <exception cref="ArgumentException">It is no such number.</exception>
    public int Number(string name, int fallback) =>
        !_values.TryGetValue(name, out var text) ? fallback
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new ArgumentException($"--{name} must be a whole number, found {text}.");
}
