using System.Globalization;
using LoraPS.Engine.Data.Configuration;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Training;

/// <summary>Reads prompt files of sd-scripts (<c>sample_prompts</c>): .txt with a prompt a line, .toml and .json with tables.</summary>
/// <remarks>Follows load_prompts of library/train_util.py@48d368fa.</remarks>
public static class SamplePromptFile
{
    private static readonly Dictionary<string, string> Options = new()
    {
        ["negative_prompt"] = "n", ["width"] = "w", ["height"] = "h", ["seed"] = "d", ["sample_steps"] = "s", ["scale"] = "l", ["sample_sampler"] = "ss",
    };

    /// <summary>Whether a text is the name of such a file and not a prompt.</summary>
    public static bool IsName(string text) => Path.GetExtension(text)?.ToUpperInvariant() is ".TXT" or ".TOML" or ".JSON";

    /// <summary>Reads the prompts of a file as lines of a .txt file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ConfigFileNotFoundException">There is no such file.</exception>
    /// <exception cref="TrainingPromptException">The file cannot be understood.</exception>
    /// <exception cref="UnreadableFileException">The file cannot be read, or is larger than a configuration may be.</exception>
    public static IReadOnlyList<string> Read(string path)
    {
        var full = Path.GetFullPath(path);
        if (!File.Exists(full))
            throw new ConfigFileNotFoundException(full);
        var text = Text(full);
        return Path.GetExtension(full).ToUpperInvariant() switch
        {
            ".TOML" => Lines(full, TomlConfig.Parse, text),
            ".JSON" => Lines(full, JsonConfig.Parse, $"{{ \"prompt\": {{ \"subset\": {text} }} }}"),
            _ => [.. text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')],
        };
    }

    private static string Text(string path)
    {
        try
        {
            return BoundedFile.ReadConfig(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnreadableFileException(path, e);
        }
    }

    private static IReadOnlyList<string> Lines(string path, Func<string, List<DatasetConfigProblem>, ConfigTable?> parse, string text)
    {
        var problems = new List<DatasetConfigProblem>();
        var prompt = parse(text, problems)?.Find("prompt")?.Value.Content as ConfigTable;
        if (problems.Count > 0)
            throw new TrainingPromptException(path, string.Join("; ", problems));
        var shared = prompt?.Items.Where(item => item.Key != "subset").ToList() ?? [];
        return prompt?.Find("subset")?.Value.Content is List<ConfigValue> subsets
            ? [.. subsets.Select(subset => Line(path, [.. shared, .. (subset.Content as ConfigTable)?.Items ?? []]))]
            : throw new TrainingPromptException(path, "there is no [[prompt.subset]]");
    }

    private static string Line(string path, IReadOnlyList<ConfigItem> items)
    {
        if (items.LastOrDefault(item => item.Key == "prompt")?.Value.Content is not string prompt)
            throw new TrainingPromptException(path, "a subset has no prompt");
        var unknown = items.FirstOrDefault(item => item.Key != "prompt" && !Options.ContainsKey(item.Key));
        return unknown is null
            ? string.Concat(items.Where(item => item.Key != "prompt").Select(item => $" --{Options[item.Key]} {Convert.ToString(item.Value.Content, CultureInfo.InvariantCulture)}").Prepend(prompt))
            : throw new TrainingPromptException(path, $"'{unknown.Key}' is not known; there are prompt, {string.Join(", ", Options.Keys)}");
    }
}
