using System.Globalization;
using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Sampling;

/// <summary>The settings of a picture as the common user interfaces write them into it and read them back.</summary>
/// <remarks>The "infotext" of stable-diffusion-webui, modules/processing.py: prompt, negative prompt, one line of named values.</remarks>
internal static class ImageSettingsText
{
    /// <summary>The keyword of the PNG text chunk.</summary>
    public const string Keyword = "parameters";

    private const int HashDigits = 10;

    /// <summary>Writes the settings of one picture.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="seed">The picture's own seed.</param>
    /// <param name="modelPath">The model.</param>
    public static string Of(ImageOptions options, long seed, string modelPath)
    {
        List<string> values =
        [
            Value("Steps", options.Steps),
            Value("Sampler", options.Sampler),
            Value("CFG scale", options.GuidanceScale),
            Value("Seed", seed),
            $"Size: {options.Width}x{options.Height}",
            Value("Model", Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(modelPath))),
        ];
        if (options.ClipSkip is { } skip)
            values.Add(Value("Clip skip", skip));
        if (options.Loras.Count > 0)
            values.Add($"Lora hashes: \"{string.Join(", ", options.Loras.Select(lora => $"{NameOf(lora.Path)}: {ModelHashes.Sha256(lora.Path)[..HashDigits]}"))}\"");
        values.Add("Version: LoraPS");
        var tags = options.Loras.Select(lora => FormattableString.Invariant($"<lora:{NameOf(lora.Path)}:{lora.Ratio}>"));
        string[] lines = [string.Join(" ", tags.Prepend(options.Prompt)), .. Negative(options), string.Join(", ", values)];
        return string.Join('\n', lines);
    }

    private static string[] Negative(ImageOptions options) =>
        options.NegativePrompt.Length == 0 ? [] : [$"Negative prompt: {options.NegativePrompt}"];

    private static string Value(string name, IFormattable value) => $"{name}: {value.ToString(null, CultureInfo.InvariantCulture)}";

    // A value with a separator in it is quoted.
    private static string Value(string name, string value) =>
        value.AsSpan().ContainsAny(',', ':', '\n') ? $"{name}: \"{value}\"" : $"{name}: {value}";

    private static string NameOf(string path) => Path.GetFileNameWithoutExtension(path);
}
