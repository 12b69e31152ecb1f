using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Training.Optimizers;

/// <summary>An optimizer and the settings given for it, checked.</summary>
public sealed class OptimizerArguments
{
    private readonly OrderedDictionary<string, object?> _given = [];

    private OptimizerArguments(OptimizerKind kind) => Kind = kind;

    /// <summary>The optimizer.</summary>
    public OptimizerKind Kind { get; }

    /// <summary>Whether its learning rate is the one given times the schedule's factor.</summary>
    public bool FollowsSchedule => Kind.FollowsSchedule(this);

    /// <summary>Every setting's value as Python writes it, by name.</summary>
    public IEnumerable<KeyValuePair<string, string>> InForce =>
        Kind.Arguments.Select(argument => KeyValuePair.Create(argument.Name, Text(Value(argument.Name))));

    /// <summary>Reads settings.</summary>
    /// <param name="name">Name of the optimizer.</param>
    /// <param name="given">Settings, each <c>name=value</c>.</param>
    /// <exception cref="ArgumentException">There is no such optimizer, or it does not accept a setting.</exception>
    public static OptimizerArguments Parse(string name, IEnumerable<string> given)
    {
        ArgumentNullException.ThrowIfNull(given);
        var arguments = new OptimizerArguments(OptimizerKinds.Find(name));
        foreach (var text in given)
            arguments.Add(text);
        arguments.Kind.Check(arguments);
        return arguments;
    }

    /// <summary>Makes the optimizer.</summary>
    /// <param name="parameters">What to train; not owned.</param>
    public Optimizer Create(IEnumerable<TrainedParameter> parameters) => Kind.Create(parameters, this);

    /// <summary>A number.</summary>
    public double Number(string name) => (double)Value(name)!;

    /// <summary>A number, or null for none.</summary>
    public double? OptionalNumber(string name) => (double?)Value(name);

    /// <summary>Two numbers.</summary>
    public (double First, double Second) Pair(string name) => ((double, double))Value(name)!;

    /// <summary>Yes or no.</summary>
    public bool Flag(string name) => (bool)Value(name)!;

    /// <summary>The optimizer as sd-scripts writes it into the metadata of LoRA files: the class and what was given.</summary>
    public override string ToString() => _given.Count == 0
        ? Kind.PythonClass
        : $"{Kind.PythonClass}({string.Join(',', _given.Select(pair => $"{pair.Key}={Text(pair.Value)}"))})";

    private object? Value(string name) =>
        _given.TryGetValue(name, out var value) ? value : Kind.Arguments.First(argument => argument.Name == name).Default;

    private void Add(string text)
    {
        if (text.Split('=', 2, StringSplitOptions.TrimEntries) is not [var name, var value])
            throw new ArgumentException($"'{text}' is no argument of {Kind.Name}: it must be name=value, such as weight_decay=0.1.");
        var argument = Kind.Arguments.FirstOrDefault(argument => argument.Name == name)
            ?? throw new ArgumentException($"{Kind.Name} has no argument '{name}'. It accepts {string.Join(", ", Kind.Arguments.Select(a => a.Name))}.");
        if (!_given.TryAdd(name, argument.Read(Kind.Name, value)))
            throw new ArgumentException($"{Kind.Name}'s argument {name} is given twice.");
    }

    private static string Text(object? value) => value is ValueTuple<double, double> pair
        ? $"({PythonText.Of(pair.Item1)}, {PythonText.Of(pair.Item2)})"
        : PythonText.Of(value);
}
