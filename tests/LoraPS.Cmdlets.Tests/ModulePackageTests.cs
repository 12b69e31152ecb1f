using System.Management.Automation;
using System.Reflection;
using System.Reflection.Emit;
using System.Text.Json;
using System.Text.RegularExpressions;
using LoraPS.Cmdlets.Tests.Shell;

namespace LoraPS.Cmdlets.Tests;

/// <summary>The module as a gallery would ship it.</summary>
public sealed partial class ModulePackageTests : IDisposable
{
    private static readonly string Module = Path.TrimEndingDirectorySeparator((string)AppContext.GetData("LoraPS.ModuleDirectory")!);

    private readonly ModuleSession _session = new();
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Its_manifest_is_sound_and_exports_by_name()
    {
        var test = _session.Run($"Test-ModuleManifest '{Module}/LoraPS.psd1'");
        test.AssertNoErrors();
        Assert.Empty(test.Warnings);
        var manifest = (PSModuleInfo)test.Single().BaseObject;

        Assert.Equal(AssemblyName.GetAssemblyName(Path.Combine(Module, "bin", "LoraPS.Cmdlets.dll")).Version!.ToString(3), manifest.Version.ToString());
        Assert.DoesNotMatch(@"ToExport\s*=\s*(@\()?\s*['""][^'""]*\*", File.ReadAllText(Path.Combine(Module, "LoraPS.psd1")));
        Assert.Empty(manifest.ExportedFunctions);
        Assert.Equal(new Version(7, 6), manifest.PowerShellVersion);
        Assert.Equal(["Core"], manifest.CompatiblePSEditions);
        Assert.NotEmpty(manifest.Tags);
        Assert.NotNull(manifest.LicenseUri);
        Assert.NotEmpty(manifest.ReleaseNotes);
        Assert.NotEmpty(manifest.Description);
    }

    [Fact]
    public void It_holds_what_it_needs_and_nothing_else()
    {
        string[] files = [.. Directory.GetFiles(Module, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Module, file).Replace('\\', '/'))];

        Assert.All(files, file => Assert.Matches(Shipped(), file));
        Assert.All(
            ["LICENSE", "THIRD-PARTY-NOTICES.txt", "LoraPS.psd1", "LoraPS.psm1", "bin/engine/LoraPS.Engine.dll", "bin/engine/LoraPS.Installer.dll", "en-US/LoraPS.Cmdlets.dll-Help.xml", "en-US/about_LoraPS.help.txt"],
            file => Assert.Contains(file, files));
    }

    [Fact]
    public void The_licence_notices_name_every_package_that_is_shipped()
    {
        var notices = File.ReadAllText(Path.Combine(Module, "THIRD-PARTY-NOTICES.txt"));
        using var assets = JsonDocument.Parse(File.ReadAllBytes(TestFiles.Repository("src/LoraPS.Cmdlets/obj/project.assets.json")));
        var shipped = assets.RootElement.GetProperty("targets").EnumerateObject().Last().Value.EnumerateObject()
            .Where(package => package.Value.GetProperty("type").GetString() == "package" && HasFiles(package.Value))
            .Select(package => package.Name.Replace('/', ' '))
            .ToList();

        Assert.Contains(shipped, package => package.StartsWith("TorchSharp ", StringComparison.Ordinal));
        Assert.All(shipped, package => Assert.Contains($"{new string('=', 78)}\n{package}\n", notices, StringComparison.Ordinal));
        Assert.Contains("\nlibtorch-cpu-", notices, StringComparison.Ordinal);
    }

    /// <summary>Another module may have brought its own versions of the libraries that the engine uses.</summary>
    [Fact]
    public void It_works_in_a_session_that_holds_other_versions_of_its_libraries()
    {
        string[] libraries = [.. Directory.GetFiles(Path.Combine(Module, "bin", "engine"), "*.dll").Where(IsForeign).Select(Path.GetFileNameWithoutExtension).Where(name => !IsPowerShells(name))!];
        Assert.Contains("Tomlyn", libraries);
        Assert.Contains("TorchSharp", libraries);
        Assert.Contains("Google.Protobuf", libraries);
        foreach (var library in libraries)
            Write(library);
        File.WriteAllText(_folder.File("dataset.toml"), $"[[datasets]]\nresolution = 64\n[[datasets.subsets]]\nimage_dir = '{TestFiles.Images}'\ncaption_extension = '.txt'\n");

        var shell = ShellProcess.Run(["-Command", $"""
            Set-Location '{_folder.Path}'
            $others = foreach ($file in Get-ChildItem *.dll) {'{'} [System.Reflection.Assembly]::LoadFrom($file.FullName) {'}'}
            $lora = New-LoraDataset -ConfigPath ./dataset.toml | Start-LoraTraining -Model '{TestFiles.TinyModel}' -DestinationPath ./cat.safetensors -Rank 2 -MaxTrainSteps 1 -Seed 1
            "$(@($others | Where-Object {'{'} "$($_.GetName().Version)" -eq '0.0.0.1' {'}'}).Length) $((Get-Lora $lora.Path).Rank)"
            """]);

        Assert.Equal((0, $"{libraries.Length} 2"), (shell.ExitCode, shell.Output));
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    private static bool HasFiles(JsonElement package) => new[] { "runtime", "native" }.Any(kind =>
        package.TryGetProperty(kind, out var files) && files.EnumerateObject().Any(file => !file.Name.EndsWith("_._", StringComparison.Ordinal)));

    private static bool IsForeign(string path)
    {
        try
        {
            return !Path.GetFileName(path).StartsWith("LoraPS.", StringComparison.Ordinal) && AssemblyName.GetAssemblyName(path) is not null;
        }
        catch (BadImageFormatException)
        {
            // A native library of Windows.
            return false;
        }
    }

    // PowerShell itself has these loaded, or would take the wrong one.
    private static bool IsPowerShells(string? name) => name is "Newtonsoft.Json" || name!.StartsWith("System.", StringComparison.Ordinal);

    /// <summary>An assembly with the name of a library and nothing in it.</summary>
    private void Write(string library)
    {
        var assembly = new PersistedAssemblyBuilder(new AssemblyName(library) { Version = new Version(0, 0, 0, 1) }, typeof(object).Assembly);
        assembly.DefineDynamicModule(library);
        assembly.Save(_folder.File($"{library}.dll"));
    }

    [GeneratedRegex(@"^(LICENSE|CHANGELOG\.md|THIRD-PARTY-NOTICES\.txt|LoraPS\.(psd1|psm1|Format\.ps1xml|Lists\.Format\.ps1xml|Types\.ps1xml)|en-US/(LoraPS\.Cmdlets\.dll-Help\.xml|about_\w+\.help\.txt)|bin/LoraPS\.Cmdlets\.dll|bin/engine/[^/]+\.(dll|so|so\.\d+|dylib))$")]
    private static partial Regex Shipped();
}
