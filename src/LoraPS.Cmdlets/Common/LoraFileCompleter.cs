using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace LoraPS.Cmdlets.Common;

/// <summary>Completes a path with folders and LoRA files.</summary>
public sealed class LoraFileCompleter : IArgumentCompleter
{
    private const string Extension = ".safetensors";

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var word = (wordToComplete ?? "").Trim('\'', '"');
        var begun = Path.GetFileName(word);
        var typed = word[..^begun.Length];
        if (Folder(typed) is not { } folder || !Directory.Exists(folder))
            return [];
        var shown = typed.Length == 0 ? $".{Path.DirectorySeparatorChar}" : typed;
        return from entry in new DirectoryInfo(folder).EnumerateFileSystemInfos($"{begun}*")
               where entry is DirectoryInfo || entry.Name.EndsWith(Extension, StringComparison.OrdinalIgnoreCase)
               orderby entry.Name
               select new CompletionResult(NameCompleter.Quote(shown + entry.Name), entry.Name, TypeOf(entry), entry.FullName);
    }

    private static string? Folder(string typed)
    {
        try
        {
            return FileSystemPaths.ResolveLiteral(FileSystemPaths.CurrentSession, typed.Length == 0 ? "." : typed);
        }
        catch (Exception e) when (e is RuntimeException or PSArgumentException)
        {
            return null;
        }
    }

    private static CompletionResultType TypeOf(FileSystemInfo entry) =>
        entry is DirectoryInfo ? CompletionResultType.ProviderContainer : CompletionResultType.ProviderItem;
}
