using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Marks one version need of a 64-bit little-endian ELF library as weak, so that the dynamic loader accepts a system
/// library that lacks that version.
/// </summary>
/// <remarks>
/// TorchSharp 0.107.0's libLibTorchSharp.so asks libstdc++ for GLIBCXX_3.4.32, which Debian 12 and Ubuntu 22.04 lack.
/// The only symbol it wants at that version, _ZSt21ios_base_library_initv, has no relocation: nothing calls it. The flag
/// VER_FLG_WEAK (0x2) in the need's Elf64_Vernaux entry tells the loader so. The task refuses to set the flag when a
/// relocation does use a symbol of that version, since the library would then fail later and worse.
/// Layout: System V ABI chapter 5 and the LSB core specification, "Symbol Versioning".
/// </remarks>
public sealed class MarkVersionNeedWeak : Task
{
    private const uint SectionRela = 4, SectionDynSym = 11, SectionVerNeed = 0x6ffffffe, SectionVerSym = 0x6fffffff;
    private const ushort FlagWeak = 0x2;

    /// <summary>The library to change, in place. It must be a copy: never a file of the package cache.</summary>
    [Required]
    public string File { get; set; }

    /// <summary>The version need to weaken, such as GLIBCXX_3.4.32.</summary>
    [Required]
    public string Version { get; set; }

    public override bool Execute()
    {
        var elf = System.IO.File.ReadAllBytes(File);
        if (elf.Length < 64 || elf[0] != 0x7f || elf[1] != 'E' || elf[2] != 'L' || elf[3] != 'F' || elf[4] != 2 || elf[5] != 1)
        {
            Log.LogError("{0} is not a 64-bit little-endian ELF file.", File);
            return false;
        }

        var sections = ReadSections(elf);
        var need = sections.Find(s => s.Type == SectionVerNeed);
        if (need == null)
        {
            Log.LogMessage(MessageImportance.Low, "{0} needs no symbol versions.", File);
            return true;
        }

        var entry = FindNeed(elf, need, sections[need.Link].Offset);
        if (entry < 0)
        {
            Log.LogMessage(MessageImportance.Low, "{0} does not ask for {1}.", File, Version);
            return true;
        }

        var versionIndex = BitConverter.ToUInt16(elf, entry + 6);
        if (RelocationUses(elf, sections, versionIndex))
        {
            Log.LogError("{0} uses a symbol of version {1}: the need cannot be marked weak.", File, Version);
            return false;
        }

        var flags = (ushort)(BitConverter.ToUInt16(elf, entry + 4) | FlagWeak);
        elf[entry + 4] = (byte)flags;
        elf[entry + 5] = (byte)(flags >> 8);
        // A new file, moved into place: should the copy be a link to the package cache, the cache is left as it was.
        var temporary = File + ".tmp";
        System.IO.File.WriteAllBytes(temporary, elf);
        System.IO.File.Delete(File);
        System.IO.File.Move(temporary, File);
        Log.LogMessage(MessageImportance.Normal, "Marked the need for {0} in {1} as weak.", Version, File);
        return true;
    }

    private sealed class Section
    {
        public uint Type;
        public int Offset, Size, Link, EntrySize;
    }

    private static List<Section> ReadSections(byte[] elf)
    {
        var table = (int)BitConverter.ToUInt64(elf, 0x28);
        int size = BitConverter.ToUInt16(elf, 0x3a), count = BitConverter.ToUInt16(elf, 0x3c);
        var sections = new List<Section>(count);
        for (var i = 0; i < count; i++)
        {
            var at = table + (i * size);
            sections.Add(new Section
            {
                Type = BitConverter.ToUInt32(elf, at + 4),
                Offset = (int)BitConverter.ToUInt64(elf, at + 24),
                Size = (int)BitConverter.ToUInt64(elf, at + 32),
                Link = (int)BitConverter.ToUInt32(elf, at + 40),
                EntrySize = (int)BitConverter.ToUInt64(elf, at + 56),
            });
        }

        return sections;
    }

    /// <summary>The offset of the Elf64_Vernaux entry of the wanted version, or -1.</summary>
    private int FindNeed(byte[] elf, Section need, int strings)
    {
        for (int at = need.Offset, next = 1; next != 0; at += next)
        {
            var aux = at + (int)BitConverter.ToUInt32(elf, at + 8);
            for (int i = 0, count = BitConverter.ToUInt16(elf, at + 2); i < count; i++)
            {
                if (ReadString(elf, strings + (int)BitConverter.ToUInt32(elf, aux + 8)) == Version)
                    return aux;
                aux += (int)BitConverter.ToUInt32(elf, aux + 12);
            }

            next = (int)BitConverter.ToUInt32(elf, at + 12);
        }

        return -1;
    }

    private static bool RelocationUses(byte[] elf, List<Section> sections, ushort versionIndex)
    {
        var versions = sections.Find(s => s.Type == SectionVerSym);
        foreach (var section in sections)
        {
            if (section.Type != SectionRela || sections[section.Link].Type != SectionDynSym)
                continue;
            for (var at = section.Offset; at < section.Offset + section.Size; at += section.EntrySize)
            {
                var symbol = (int)BitConverter.ToUInt32(elf, at + 12);
                if (symbol != 0 && (BitConverter.ToUInt16(elf, versions.Offset + (symbol * 2)) & 0x7fff) == versionIndex)
                    return true;
            }
        }

        return false;
    }

    private static string ReadString(byte[] elf, int at)
    {
        var end = Array.IndexOf(elf, (byte)0, at);
        return Encoding.ASCII.GetString(elf, at, end - at);
    }
}
