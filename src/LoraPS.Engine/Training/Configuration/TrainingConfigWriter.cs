using System.Collections;
using System.Text;
using System.Text.Json;
using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Training.Configuration;

/// <summary>Writes the TOML file that sd-scripts takes as <c>--config_file</c>, and <see cref="TrainingConfigReader"/> reads.</summary>
/// <remarks>As with <c>--output_config</c> of sd-scripts 48d368fa only what is not the default is written, and no secret ever is.</remarks>
public static class TrainingConfigWriter
{
    /// <summary>Writes a configuration, whole or not at all.</summary>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="config">The configuration.</param>
    /// <exception cref="WriteFailedException">The file cannot be written.</exception>
    public static void Write(string path, TrainingConfig config)
    {
        using var file = new AtomicFile(path);
        file.Write(Encoding.UTF8.GetBytes(ToToml(config)));
        file.Commit();
    }

    /// <summary>The text of the file.</summary>
    /// <param name="config">The configuration.</param>
    public static string ToToml(TrainingConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var defaults = new TrainingConfig();
        var text = new StringBuilder();
        foreach (var argument in TrainingArguments.All)
        {
            if (argument.Value(config) is { } value && Toml(value) is var written && written != (argument.Value(defaults) is { } standard ? Toml(standard) : null))
                text.Append(argument.Name).Append(" = ").Append(written).Append('\n');
        }

        return text.ToString();
    }

    private static string Toml(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        // A basic string of TOML escapes what JSON does, and in the same way.
        string text => JsonSerializer.Serialize(text, Relaxed),
        IEnumerable list => $"[{string.Join(", ", list.Cast<object>().Select(Toml))}]",
        _ => PythonText.Of(value),
    };

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
