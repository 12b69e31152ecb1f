using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Xml.Linq;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>Writes the licence notices of the packages that are shipped with the module, from the packages themselves.</summary>
/// <remarks>
/// A package's own licence and notice files are taken over; where it has none, the text of the licence that its nuspec
/// names, with its copyright line. A text that several packages share is printed once. A package whose licence has no text
/// fails the build.
/// </remarks>
public class ThirdPartyNotices : Task
{
    /// <summary>The packages' folders.</summary>
    [Required]
    public ITaskItem[] Packages { get; set; } = [];

    /// <summary>A folder with a text for each licence expression: MIT.txt and so on.</summary>
    [Required]
    public string Licences { get; set; } = "";

    /// <summary>The file to write.</summary>
    [Required]
    public string Output { get; set; } = "";

    public override bool Execute()
    {
        var text = new StringBuilder("LoraPS is shipped with the following software. Each keeps its own licence.\n");
        var printed = new Dictionary<string, string>();
        foreach (var folder in Packages.Select(package => package.ItemSpec).OrderBy(path => path, StringComparer.OrdinalIgnoreCase))
            Describe(folder, text, printed);
        if (Log.HasLoggedErrors)
            return false;
        Directory.CreateDirectory(Path.GetDirectoryName(Output)!);
        File.WriteAllText(Output, text.ToString());
        return true;
    }

    private void Describe(string folder, StringBuilder text, Dictionary<string, string> printed)
    {
        var metadata = XDocument.Load(Directory.GetFiles(folder, "*.nuspec").Single()).Root!.Elements().Single(e => e.Name.LocalName == "metadata");
        string Value(string name) => metadata.Elements().FirstOrDefault(e => e.Name.LocalName == name)?.Value.Trim() ?? "";
        var name = $"{Value("id")} {Value("version")}";
        var licence = metadata.Elements().FirstOrDefault(e => e.Name.LocalName == "license");
        text.Append($"\n{new string('=', 78)}\n{name}\n");
        foreach (var line in new[] { Value("copyright"), Value("projectUrl"), licence?.Attribute("type")?.Value == "expression" ? $"Licence: {licence.Value}" : "" }.Where(line => line != ""))
            text.Append(line).Append('\n');
        var files = Directory.GetFiles(folder).Where(IsNotice).OrderBy(file => file, StringComparer.OrdinalIgnoreCase).ToList();
        if (!files.Any(file => Path.GetFileName(file).StartsWith("LICENSE", StringComparison.OrdinalIgnoreCase)))
            files.Insert(0, Path.Combine(Licences, $"{licence?.Value}.txt"));
        foreach (var file in files)
            Print(file, name, text, printed);
    }

    private void Print(string file, string package, StringBuilder text, Dictionary<string, string> printed)
    {
        if (!File.Exists(file))
        {
            Log.LogError($"The licence of {package} has no text: add {file}.");
            return;
        }

        var notice = string.Join("\n", File.ReadAllText(file).Replace("\r", "").Split('\n').Select(line => line.TrimEnd())).Trim();
        if (printed.TryGetValue(notice, out var before))
        {
            text.Append($"\n{Path.GetFileName(file)}: the same as of {before}.\n");
            return;
        }

        printed[notice] = package;
        text.Append($"\n{notice}\n");
    }

    private static bool IsNotice(string file)
    {
        var name = Path.GetFileName(file).ToUpperInvariant();
        return name.StartsWith("LICENSE", StringComparison.Ordinal) || name.StartsWith("THIRD-PARTY-NOTICES", StringComparison.Ordinal) || name.StartsWith("NOTICE", StringComparison.Ordinal);
    }
}
