using System.Globalization;
using LoraPS.Engine.Sampling;

namespace LoraPS.Engine.Training;

/// <summary>A picture that a run makes on the way.</summary>
/// <remarks>
/// Written as a line of a prompt file of sd-scripts 48d368fa (library/train_util.py, line_to_prompt_dict): the prompt, then
/// options, of which each begins with two hyphens. n: negative prompt, w and h: size, d: seed, s: steps, l: guidance scale, ss: sampler.
/// </remarks>
/// <param name="Prompt">What it shows.</param>
public sealed record SamplePrompt(string Prompt)
{
    private const int MaxSteps = 1000;

    /// <summary>What it should not show.</summary>
    public string NegativePrompt { get; init; } = "";

    /// <summary>Pixels; default 512.</summary>
    public int Width { get; init; } = 512;

    /// <summary>Pixels; default 512.</summary>
    public int Height { get; init; } = 512;

    /// <summary>Names its noise; null takes the run's seed plus its place among the prompts.</summary>
    public long? Seed { get; init; }

    /// <summary>Steps from noise to picture, 1 to 1000; default 30.</summary>
    public int Steps { get; init; } = 30;

    /// <summary>How strongly it is drawn to the prompt; default 7.5.</summary>
    public double GuidanceScale { get; init; } = 7.5;

    /// <summary>Its sampler, or null where the run's is taken.</summary>
    public string? Sampler { get; init; }

    /// <summary>Reads a line.</summary>
    /// <exception cref="ArgumentException">It cannot be understood.</exception>
    public static SamplePrompt Parse(string line)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(line);
        var parts = line.Trim().Split(" --");
        return parts.Skip(1).Aggregate(new SamplePrompt(parts[0]), (prompt, option) => prompt.With(option.Trim(), line));
    }

    /// <summary>The sampler of a name of sd-scripts, or of its own.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    internal static Sampler FindSampler(string name) => Sampling.Sampler.Find(name.ToLowerInvariant() switch
    {
        "k_euler" => "Euler",
        "euler_a" or "k_euler_a" => "Euler a",
        "dpmsolver++" => "DPM++ 2M",
        _ => name,
    });

    private SamplePrompt With(string option, string line)
    {
        var (key, value) = option.Split(' ', 2, StringSplitOptions.TrimEntries) is [var k, var v] ? (k, v) : (option, "");
        return key switch
        {
            "n" => this with { NegativePrompt = value },
            "w" => this with { Width = Whole(value, line) },
            "h" => this with { Height = Whole(value, line) },
            "d" => this with { Seed = Whole(value, line, least: 0) },
            "s" => this with { Steps = Whole(value, line, most: MaxSteps) },
            "l" => this with { GuidanceScale = double.TryParse(value, CultureInfo.InvariantCulture, out var scale) && double.IsFinite(scale) ? scale : throw Wrong(value, "a number", line) },
            "ss" => this with { Sampler = FindSampler(value).Name },
            _ => throw new ArgumentException($"The sample prompt '{line}' has the option --{key}, which is not known. There are --n, --w, --h, --d, --s, --l and --ss.", nameof(line)),
        };
    }

    private static int Whole(string value, string line, int least = 1, int most = int.MaxValue) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
            : throw Wrong(value, most == int.MaxValue ? $"a whole number, {least} at least" : $"a whole number from {least} to {most}", line);

    private static ArgumentException Wrong(string value, string expected, string line) =>
        new($"The sample prompt '{line}' has '{value}' where {expected} is expected.", nameof(line));
}
